import { expect, test } from 'vitest';
import { createOut } from '../../../api/cli/out.ts';

test('what strangers typed into a form steers nobody’s terminal', () => {
  const said: Record<'out' | 'err', string[]> = { out: [], err: [] };
  const speaking = (json: boolean) =>
    createOut({
      json,
      stdout: { write: (text) => said.out.push(text) },
      stderr: { write: (text) => said.err.push(text) },
      now: () => 0,
    });
  const name = '小林\u001b]0;owned\u0007\u009b2J\t裕子\r\n東京';
  const shown = '小林�]0;owned��2J\t裕子\n東京\n';
  const out = speaking(false);
  out.result({}, name);
  out.line(name);
  out.warn(name);
  expect(said).toEqual({ out: [shown, shown], err: [shown] });
  // Programs are told what it is.
  speaking(true).result({ name }, name);
  expect(JSON.parse(said.out.at(-1)!)).toEqual({ name });
});
