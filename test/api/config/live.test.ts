import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { followConfig, type Live } from '../../../api/config/live.ts';
import type { ConfigFiles } from '../../../api/config/read.ts';
import { activateRevision, applyConfig } from '../../../api/config/revisions.ts';
import type { HubConfig } from '../../../api/config/types.ts';
import type { Db } from '../../../core/store/db.ts';
import { DATABASES } from '../../support/databases.ts';
import { CONNECTORS, ENV, FILES, HUB } from './folder.ts';

interface Made {
  cron: string | undefined;
}

let db: Db;
let logged: { message: string; detail: unknown }[];
let started: string[];
let failStart: boolean;
let live: Live<Made>;
beforeAll(async () => {
  db = await DATABASES[0]!.open();
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.query('delete from config_revision');
  logged = [];
  started = [];
  failStart = false;
  const say = (message: string, detail?: object) => void logged.push({ message, detail });
  live = followConfig<Made>({
    db,
    env: ENV,
    connectors: CONNECTORS,
    log: { debug: say, info: say, warn: say },
    first: { cron: 'first' },
    revision: 0,
    build: (config: HubConfig) => ({ cron: config.syncs.people!.schedule }),
    async started(next, before) {
      if (failStart) throw new Error('the database went away');
      started.push(`${before.cron} → ${next.cron}`);
    },
  });
});

const circumstances = (env = {}) => ({
  env: { ...ENV, ...env },
  connectors: CONNECTORS,
  keys: [],
  note: '',
  by: 'me',
  now: new Date(),
});
const apply = (cron: string, more: ConfigFiles = {}, env = {}) =>
  applyConfig(db, {
    ...circumstances(env),
    files: { ...FILES, 'hub.yaml': HUB.replace('*/5 * * * *', cron), ...more },
  });

test('nothing applied, nothing done; a revision is taken up once, however often it is looked at', async () => {
  await live.look();
  expect([live.revision(), started]).toEqual([0, []]);
  await apply('1 * * * *');
  await Promise.all([live.look(), live.look(), live.look()]);
  expect(started).toEqual(['first → 1 * * * *']);
  expect([live.revision(), live.current().cron]).toEqual([1, '1 * * * *']);
  await apply('2 * * * *');
  await apply('3 * * * *');
  await live.look();
  expect(started.slice(1)).toEqual(['1 * * * * → 3 * * * *']);
  expect(live.revision()).toBe(3);
});

test('a revision that does not check here is refused, told once, and the one before goes on; undoing mends it', async () => {
  await apply('1 * * * *');
  await live.look();
  const needy = HUB.replace('HUBSPOT_TOKEN', 'ONLY_ELSEWHERE');
  await apply('', { 'hub.yaml': needy }, { ONLY_ELSEWHERE: 'planted-elsewhere' });
  await live.look();
  await live.look();
  expect([live.revision(), live.refused(), live.current().cron]).toEqual([1, 2, '1 * * * *']);
  const told = logged.filter(({ message }) => message.includes('refused'));
  expect(told).toHaveLength(1);
  expect(JSON.stringify(told)).toContain('the environment variable ONLY_ELSEWHERE is not set');
  expect(JSON.stringify(told)).not.toContain('planted');
  await activateRevision(db, 1, circumstances());
  await live.look();
  expect([live.revision(), live.refused()]).toEqual([3, undefined]);
});

test('what fails while the new one starts is tried again', async () => {
  await apply('1 * * * *');
  failStart = true;
  await expect(live.look()).rejects.toThrow('the database went away');
  expect(live.revision()).toBe(0);
  failStart = false;
  await live.look();
  expect([live.revision(), live.current().cron, started.length]).toEqual([1, '1 * * * *', 1]);
});
