import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../../api/cli/main.ts';

/** Needs no config, no database, no network. */
async function say(...argv: string[]) {
  const said = { out: '', err: '' };
  const write = (key: 'out' | 'err') => ({
    write(text: string) {
      said[key] += text;
      return true;
    },
  });
  const code = await run(['transforms', '--config', mkdtempSync(join(tmpdir(), 'transforms-')), ...argv], {
    env: {},
    stdout: write('out') as unknown as NodeJS.WriteStream,
    stderr: write('err') as unknown as NodeJS.WriteStream,
    signal: new AbortController().signal,
  } as never);
  return { code, ...said };
}

test('all of them, a line each', async () => {
  const { code, out } = await say();
  expect(code).toBe(0);
  expect(out).toMatch(/^truncate +in: \[\{ truncate: 3 \}\] +"abcdef" +"abc"$/m);
  expect(out).toMatch(/^prefecture /m);
});

test('one of them: arguments, defaults, examples', async () => {
  const { out } = await say('era');
  expect(out).toContain('和暦');
  expect(out).toMatch(/style +"kanji", "short" +default: "kanji"/);
  expect(out).toMatch(/out: \[\{ era: short \}\] +"2024-01-02" +"R6.1.2"/);
});

test('as JSON', async () => {
  const { out } = await say('phone', '--json');
  expect(JSON.parse(out)).toMatchObject({ transforms: [{ name: 'phone', short: null, oneWay: false }] });
});

test('a name that is none: the nearest', async () => {
  const { code, err } = await say('trncate');
  expect(code).toBe(1);
  expect(err).toContain('did you mean "truncate"?');
});
