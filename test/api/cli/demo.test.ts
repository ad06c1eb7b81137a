import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DemoReport } from '../../../api/demo/demo.ts';
import { leastCalls } from '../../../api/demo/tourMinimum.ts';
import { type Cli, createCli } from './harness.ts';

let cli: Cli;
let temporary: string;
const { TMPDIR } = process.env;
beforeAll(async () => {
  // The demo must not touch what its user has: these would be fatal if it did.
  cli = await createCli({
    NAYOSE_DATA: '/proc/nayose-must-not-be-made',
    DATABASE_URL: 'postgres://nobody:wrong@127.0.0.1:1/none',
    NAYOSE_TOKEN: 'mine',
  });
  temporary = join(cli.dir, 'temporary');
  await mkdir(temporary);
  process.env.TMPDIR = temporary;
});
afterAll(async () => {
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  await cli.close();
});

describe('words that make no sense', () => {
  test.each([
    [['--people', 'many'], '--people is a whole number from'],
    [['--people', '0'], '--people is a whole number from'],
    [['--port', '99999'], '--port is a whole number from 0 to 65535'],
    [['--seed', '-1'], '--seed'],
    [['once'], "'once' is one word too many"],
  ])('%j', async (words, message) => {
    const { code, err } = await cli.nayose('demo', ...words);
    expect(code).toBe(1);
    expect(err).toContain(message);
  });
});

test('the tour: planned, synced, measured, silent on the second run, an edit carried over; nothing left behind', async () => {
  const { code, data, err } = await cli.json<DemoReport>('demo', '--once', '--people', '60', '--port', '0');
  expect(code).toBe(0);
  for (const part of [
    '1. TWO TOOLS',
    '2. THE PLAN',
    '3. THE SYNC',
    '4. THE SAME SYNC AGAIN',
    '5. AN EDIT IN ONE TOOL',
    'WHAT NEXT',
  ])
    expect(err).toContain(part);
  expect(err).toContain('0 writes');
  expect(data.first.status).toBe('complete');
  const planned = data.plan.cost.reduce((sum, { create, update }) => sum + create + update, 0);
  expect(planned).toBeGreaterThan(0);
  expect(data.first.created).toBe(data.plan.cost.reduce((sum, { create }) => sum + create, 0));
  expect(data.writesOfSecond).toBe(0);
  expect([data.second.created, data.second.updated]).toEqual([0, 0]);
  for (const tool of ['crm', 'ma'] as const)
    expect(data.first.apiCalls[tool]).toBeGreaterThanOrEqual(data.least[tool]);
  expect(data.audit.people.salesforce.missing).toEqual([]);
  expect(data.audit.people.hubspot.missing).toEqual([]);
  expect(data.webhook.milliseconds).toBeTypeOf('number');
  expect(data.webhook.provenance).toMatchObject({
    source: `ma/contacts/${data.webhook.hubspotId}`,
    rule: 'latest',
  });
  expect(data.webhook.provenance!.losers.length).toBeGreaterThan(0);
  expect(await readdir(temporary)).toEqual([]);
  expect(existsSync('/proc/nayose-must-not-be-made')).toBe(false);
});

test('the least possible: a login, a description, pages, and full batches', () => {
  const work = [
    { tool: 'crm', held: 3000, created: 201, updated: 0 },
    { tool: 'ma', held: 3000, created: 0, updated: 100 },
    { tool: 'ma', held: 0, created: 1, updated: 0 },
  ] as const;
  expect(leastCalls(work)).toEqual({ crm: 1 + 1 + 2 + 2, ma: 1 + 30 + 1 + (1 + 1 + 1) });
  expect(leastCalls([])).toEqual({ crm: 1, ma: 0 });
});
