/** An alert from end to end: a webhook of HubSpot comes in, a signed message goes out to a real receiver, once. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Hono } from 'hono';
import { Webhook } from 'standardwebhooks';
import { afterEach, expect, test } from 'vitest';
import { serveSandbox } from '../../../connectors/serve.ts';
import { createWebhookSandbox } from '../../../connectors/webhook/sandbox/index.ts';
import { nayose, type Running } from '../../support/cli.ts';
import { fillFolder } from '../../support/databases.ts';
import { command, makeWorld, serveHub, TOKEN, until, type World } from './harness.ts';

const SECRET = `whsec_${btoa('the secret that sales checks by')}`;
const OLD_SECRET = `whsec_${btoa('the secret that it replaces soon')}`;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A world whose sales team is told of hot leads at `url`. */
async function worldWithAlerts(url: string): Promise<World> {
  const world = await makeWorld({
    people: 6,
    edit: (yaml) =>
      yaml
        .replace(
          'entities:',
          `  sales: { type: webhook, url: "${url}", secret: "\${SALES}", previousSecrets: ["\${OLD}"], allowPrivate: true }\nentities:`,
        )
        .replace('{ extends: person,', '{ extends: person, attributes: { score: { type: number } },')
        .concat('alerts:\n  hot-lead: { entity: person, when: "score >= 80", to: sales }\n'),
  });
  await appendFile(join(world.dir, 'mappings/ma-contact.yaml'), '  score: score\n');
  Object.assign(world.env, { SALES: SECRET, OLD: OLD_SECRET });
  ends.push(() => world.close());
  return world;
}

test('HubSpot says that a score rose: sales is told once, and the API shows it', async () => {
  const receiver = createWebhookSandbox({ secret: OLD_SECRET });
  const served = await serveSandbox(receiver.app);
  ends.push(() => served.close());
  const world = await worldWithAlerts(served.url);
  const hub = await serveHub(world);
  ends.push(() => hub.end());
  const api = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${hub.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    return { status: response.status, body: await response.json() };
  };
  world.boxes.hubspot.edit('contacts', world.contacts[5]!, { score: '99' });
  expect((await command(world, ['sync'], hub.store)).code).toBe(0);
  const { next: since } = (await api('/v1/changes?since=now')).body;
  world.aim(hub.url);
  receiver.fault = () => ({ status: 503 });
  world.boxes.hubspot.edit('contacts', world.contacts[0]!, { score: '85' });
  await until(async () => (await api('/v1/deliveries')).body.items[0]?.tries.length === 1);
  const [delivery] = (await api('/v1/deliveries?connection=sales')).body.items;
  expect(delivery).toMatchObject({
    kind: 'message',
    type: 'alert.hot-lead',
    state: 'pending',
    tries: [{ status: 503, error: 'the receiver answered 503' }],
  });
  receiver.fault = undefined;
  expect((await api(`/v1/deliveries/${delivery.id}/retry`, { method: 'POST' })).status).toBe(202);
  await until(() => receiver.messages.length === 1);
  expect(receiver.messages[0]).toMatchObject({
    id: delivery.id,
    type: 'alert.hot-lead',
    data: { golden: { id: delivery.golden, values: { score: 85, givenName: 'Given0' } } },
  });

  world.boxes.hubspot.edit('contacts', world.contacts[0]!, { score: '90' });
  world.boxes.hubspot.edit('contacts', world.contacts[1]!, { score: '20' });
  const seen: string[] = [];
  let place = since;
  await until(async () => {
    const { items, next } = (await api(`/v1/changes?since=${place}&wait=5&entity=person`)).body;
    seen.push(...items.map(({ changes }: { changes: { score?: { to: number } } }) => changes.score?.to));
    place = next;
    return seen.length >= 3;
  });
  expect(seen.sort()).toEqual([20, 85, 90]);
  await hub.idle();
  expect(receiver.messages).toHaveLength(1);
  expect((await api('/v1/alerts')).body.items).toMatchObject([
    { name: 'hot-lead', fired: 1, errors: 0, to: 'sales', format: 'standard', disabled: null },
  ]);
  expect((await api('/v1/deliveries?kind=write')).body).toEqual({ items: [], next: null });
  expect((await api('/v1/deliveries/msg_none/retry', { method: 'POST' })).status).toBe(404);
  expect((await api('/v1/changes?since=nonsense')).status).toBe(400);
  expect(hub.lines.join('')).not.toContain('Given0');
}, 180_000);

test('law 1: kill -9 while the receiver has not answered: after the restart it is told again, under the same id', async () => {
  const arrived: { id: string; type: string }[] = [];
  let answering = false;
  const app = new Hono();
  app.post('/', async (c) => {
    const body = await c.req.text();
    const { type } = new Webhook(SECRET).verify(body, c.req.header()) as { type: string };
    arrived.push({ id: c.req.header('webhook-id')!, type });
    return answering ? c.body(null, 204) : await new Promise<Response>(() => {});
  });
  const served = await serveSandbox(app);
  ends.push(() => served.close());
  const world = await worldWithAlerts(`${served.url}/`);
  await fillFolder(world.env.NAYOSE_DATA!);
  expect((await command(world, ['sync'])).code).toBe(0);
  const serve = async (): Promise<Running & { url: string }> => {
    const running = nayose(['serve', '--config', world.dir, '--json'], world.env);
    ends.push(async () => {
      running.child.kill('SIGKILL');
      await running.ended;
    });
    let said = '';
    running.child.stdout!.on('data', (text: string) => {
      said += text;
    });
    await until(() => said.includes('\n') || running.child.exitCode !== null);
    return { ...running, url: (JSON.parse(said) as { listening: string }).listening };
  };
  const first = await serve();
  world.aim(first.url);
  world.boxes.hubspot.edit('contacts', world.contacts[0]!, { score: '85' });
  await until(() => arrived.length === 1);
  first.child.kill('SIGKILL');
  await first.ended;
  answering = true;
  const second = await serve();
  await until(() => arrived.length === 2);
  expect(arrived[1]).toEqual(arrived[0]);
  const deliveries = async () => {
    const response = await fetch(`${second.url}/v1/deliveries`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    return ((await response.json()) as { items: { state: string }[] }).items;
  };
  await until(async () => (await deliveries())[0]?.state === 'sent');
  expect(await deliveries()).toHaveLength(1);
  second.child.kill('SIGTERM');
  expect((await second.ended).code).toBe(0);
  expect(arrived).toHaveLength(2);
}, 180_000);
