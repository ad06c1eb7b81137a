import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiOfHub, type HubApi } from './hub.ts';

const FIRST = `whsec_${btoa('the first secret of all')}`;
const PATH = '/v1/connections/sales/rotate-secret';

let api: HubApi;
beforeAll(async () => {
  api = await apiOfHub({}, (yaml) =>
    yaml.replace('entities:', `  sales: { type: webhook, secret: "${FIRST}" }\nentities:`),
  );
});
afterAll(() => api.end());

const rotate = (body: object, as = 'admin', headers: Record<string, string> = {}) =>
  api.fetch(PATH, { as, method: 'POST', body: JSON.stringify(body), headers });

function believed(secret: string): Promise<boolean> {
  const tool = api.hub.tools.get('sales')!;
  const ctx = tool.context(new AbortController().signal);
  const at = ctx.now();
  const headers = {
    'webhook-id': 'm1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign('m1', at, '[]'),
  };
  const body = new TextEncoder().encode('[]');
  return tool.connector.hook!.verify({ method: 'POST', url: 'http://hub.test/', headers, body }, ctx);
}

test('a new secret is shown once and kept sealed; the one before it counts as long as was asked for', async () => {
  const key = { 'idempotency-key': 'rotate-1' };
  const first = await rotate({ overlapHours: 2 }, 'admin', key);
  expect(first.status).toBe(200);
  const { secret, previousUntil } = (await first.json()) as { secret: string; previousUntil: string };
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(Date.parse(previousUntil) - Date.now()).toBeGreaterThan(3_600_000);
  expect([await believed(FIRST), await believed(secret)]).toEqual([true, true]);
  expect(await (await rotate({ overlapHours: 2 }, 'admin', key)).text()).not.toContain('whsec_');

  const second = (await (await rotate({ overlapHours: 0 })).json()) as { secret: string };
  expect([await believed(secret), await believed(second.secret)]).toEqual([false, true]);
  for (const table of ['secret', 'audit', 'idempotency'])
    expect(JSON.stringify(await api.db.query(`select * from ${table}`))).not.toContain(second.secret);
  expect(api.logged.join()).not.toContain('whsec_');
});

test('only for admins, and only where there is a secret to rotate', async () => {
  expect((await rotate({}, 'operator')).status).toBe(403);
  expect((await rotate({ overlapHours: -1 })).status).toBe(400);
  const of = async (connection: string) =>
    (
      await api.fetch(`/v1/connections/${connection}/rotate-secret`, {
        as: 'admin',
        method: 'POST',
        body: '{}',
      })
    ).status;
  expect([await of('nobody'), await of('ma')]).toEqual([404, 422]);
});
