/** Law 1 for webhooks: kill -9 in the middle of a flood, and every event that was acknowledged has its effect after the restart. */
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { demoConfig } from '../../api/demo/config.ts';
import { type Served, serveSandboxes } from '../../api/demo/sandboxes.ts';
import { nayose, nayoseHere, type Running, tempFolder } from '../support/cli.ts';
import { fillFolder, freshPostgres } from '../support/databases.ts';

const PEOPLE = 40;
const KILLS = 3;
const EVENTS_A_KILL = 120;
const AT_ONCE = 6;

/** No schedule: what the inbox lost, no pull would find. */
function folderOf(served: Served): Record<string, string> {
  const files = demoConfig(served);
  const hub = files['hub.yaml']!.replace(/^ +schedule:.*\n/gm, '').replace(
    'maxChanged: 20%',
    'maxChanged: 100%',
  );
  return { ...files, 'hub.yaml': hub };
}

function seed(served: Served): { hubspot: string; salesforce: string }[] {
  const at = '2026-01-02T03:04:05Z';
  const people = Array.from({ length: PEOPLE }, (_, i) => ({
    email: `person${i}@mail${i}.example`,
    given: `Given${String.fromCharCode(97 + (i % 26))}${i}`,
    family: `Family${String.fromCharCode(97 + ((i * 7) % 26))}${i}`,
  }));
  const hubspot = served.hubspot.seed(
    'contacts',
    people.map(({ email, given, family }) => ({ fields: { email, firstname: given, lastname: family }, at })),
  );
  const salesforce = served.salesforce.seed(
    'Contact',
    people.map(({ email, given, family }) => ({
      fields: { Email: email, FirstName: given, LastName: family },
      at,
    })),
  );
  return people.map((_, i) => ({ hubspot: hubspot[i]!, salesforce: salesforce[i]! }));
}

async function listening({ child, ended }: Running): Promise<string> {
  let text = '';
  const said = new Promise<string>((done) => {
    child.stdout!.on('data', (chunk: string) => {
      text += chunk;
      const url = /listening on (\S+)/.exec(text)?.[1];
      if (url) done(url);
    });
  });
  const url = await Promise.race([said, ended]);
  if (typeof url === 'string') return url;
  throw new Error(`serve ended with ${url.code}: ${url.stderr}`);
}

/** Resolves to whether the event was acknowledged. A connection that breaks off is a no. */
async function tell(hub: string, id: string): Promise<boolean> {
  const body = JSON.stringify([
    { eventId: 1, subscriptionType: 'contact.propertyChange', objectId: Number(id), occurredAt: Date.now() },
  ]);
  const url = `${hub}/hooks/ma`;
  const timestamp = String(Date.now());
  const signature = createHmac('sha256', 'sandbox-webhook-secret').update(`POST${url}${body}${timestamp}`);
  return fetch(url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-hubspot-signature-v3': signature.digest('base64'),
      'x-hubspot-request-timestamp': timestamp,
    },
  }).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.status === 202;
    },
    () => false,
  );
}

describe.each(['PGlite', 'PostgreSQL'])('kill -9 during a flood of webhooks, over %s', (database) => {
  test('every acknowledged event has its effect, and nothing is written twice', async () => {
    const served = await serveSandboxes();
    const people = seed(served);
    const folder = await tempFolder(folderOf(served));
    const env = {
      ...served.env,
      NAYOSE_DATA: join(folder.dir, 'data'),
      ...(database === 'PostgreSQL' ? { DATABASE_URL: await freshPostgres() } : {}),
    };
    if (database === 'PGlite') await fillFolder(env.NAYOSE_DATA);
    const first = await nayoseHere(['sync', '--config', folder.dir], env);
    expect(`${first.stdout}${first.stderr}`).toMatch(/complete/);
    const titles = (stream: 'contacts' | 'Contact') => {
      const [box, field] = stream === 'Contact' ? [served.salesforce, 'Title'] : [served.hubspot, 'jobtitle'];
      return new Map(box.records(stream).map(({ id, fields }) => [id, fields[field]]));
    };
    /** By person: the last event about them was acknowledged. */
    const promised = new Map<number, boolean>();
    let told = 0;
    let acknowledged = 0;
    const serve = () => nayose(['serve', '--port', '0', '--config', folder.dir], env);
    for (let kill = 0; kill < KILLS; kill++) {
      const hub = serve();
      const url = await listening(hub);
      const until = acknowledged + EVENTS_A_KILL;
      let dead = false;
      const flood = Array.from({ length: AT_ONCE }, async () => {
        while (!dead) {
          const n = told++;
          const person = n % PEOPLE;
          served.hubspot.edit('contacts', people[person]!.hubspot, { jobtitle: `Title ${n}` });
          promised.set(person, false);
          const heard = await tell(url, people[person]!.hubspot);
          if (!heard) continue;
          promised.set(person, true);
          if (++acknowledged >= until && !dead) {
            dead = true;
            hub.child.kill('SIGKILL');
          }
        }
      });
      await Promise.all(flood);
      await hub.ended;
    }
    const hub = serve();
    await listening(hub);
    const missing = () => {
      const [here, there] = [titles('contacts'), titles('Contact')];
      return [...promised].filter(
        ([person, kept]) =>
          kept && here.get(people[person]!.hubspot) !== there.get(people[person]!.salesforce),
      ).length;
    };
    for (let tries = 0; tries < 600 && missing() > 0; tries++) await sleep(100);
    hub.child.kill('SIGTERM');
    const { stderr } = await hub.ended;
    expect(stderr).not.toMatch(/defect/);
    expect(acknowledged).toBeGreaterThanOrEqual(KILLS * EVENTS_A_KILL);
    expect([...promised.values()].filter(Boolean).length).toBeGreaterThan(PEOPLE / 2);
    expect(missing()).toBe(0);
    expect(served.salesforce.books.noops).toBe(0);
    expect(served.salesforce.books.created).toEqual({});
    const after = await nayoseHere(['sync', '--json', '--config', folder.dir], env);
    expect(JSON.parse(after.stdout)).toMatchObject({ status: 'complete', created: 0 });
    await served.close();
    await folder.remove();
  }, 300_000);
});
