/** One random world at work: both sandboxes in this process, the real connectors and mappings, and a journal of every write. */
import { readConfig } from '../../../api/config/read.ts';
import { createHub, type Hub } from '../../../api/runtime/hub.ts';
import type { Store } from '../../../api/runtime/store.ts';
import type { Connector, Fields, Op, Outcome } from '../../../connectors/contract.ts';
import { createHubspotSandbox, text } from '../../../connectors/hubspot/sandbox/index.ts';
import { CONNECTORS } from '../../../connectors/registry.ts';
import { createSalesforceSandbox } from '../../../connectors/salesforce/sandbox/index.ts';
import type { Db } from '../../../core/store/db.ts';
import type { RunRow } from '../../../core/store/runs.ts';
import { type PlannedWrite, type PlanResult, planSyncs } from '../../../core/sync/dry.ts';
import { permitsOf } from '../../../core/sync/permits.ts';
import { runSync } from '../../../core/sync/run.ts';
import { memoryStore } from '../../support/store.ts';
import { type Act, COMPANIES, FIELDS, PEOPLE, type ToolName, type WorldShape } from './shapes.ts';

/** A write as its tool took it. */
export interface Made {
  connection: ToolName;
  object: string;
  op: Op['op'];
  /** What the tool calls the record. */
  id: string;
  /** The hub's own key of the write: it begins with the golden record's id. */
  key: string;
  fields: Fields;
}

const STREAM = { crm: 'Contact', ma: 'contacts' } as const;
const COMPANY = { crm: 'Account', ma: 'companies' } as const;
const MAIL = { crm: 'Email', ma: 'email' } as const;
const EMPLOYER = { crm: 'AccountId', ma: 'associations.companies' } as const;
const URLS = { crm: 'http://crm.example', ma: 'http://ma.example' } as const;

const mailOf = (who: number) => `${PEOPLE[who]!.mail}@${PEOPLE[who]!.mail}-plan.example`;

const way = (field: string, direction: string, rest = '') =>
  `{ field: ${field}${direction === 'both' ? '' : `, direction: ${direction}`}${rest} }`;

/** The config folder of a world. */
export function filesOf({ crm, ma, companies, phone }: WorldShape): Record<string, string> {
  const member = (mapping: string, { mode, create, deletes }: WorldShape['crm']) =>
    `{ mapping: ${mapping}, mode: ${mode}, create: ${create && mode !== 'read'}${mode === 'read' ? '' : `, deletes: ${deletes}`} }`;
  const person = (tool: ToolName, { title, city, stage }: WorldShape['crm'], values: string) => `
  familyName: ${tool === 'crm' ? 'LastName' : 'lastname'}
  givenName: ${FIELDS.given[tool]}
  email: { field: ${MAIL[tool]}, in: [email] }
  phone: { field: ${FIELDS.phone[tool]}, in: [phone], out: [{ phone: { format: national } }] }
  title: ${way(FIELDS.title[tool], title)}
  fax: ${FIELDS.fax[tool]}
  city: ${way(FIELDS.city[tool], city)}
  lifecycle: ${way(FIELDS.stage[tool], stage, `, values: ${values}`)}
${companies ? `  company: { field: ${EMPLOYER[tool]}, reference: company }\n` : ''}`;
  const files: Record<string, string> = {
    'hub.yaml': `hub: { region: JP, timeZone: Asia/Tokyo }
connections:
  crm: { type: salesforce, loginUrl: "${URLS.crm}", auth: { grant: client_credentials, clientId: id, clientSecret: "\${SECRET}" } }
  ma: { type: hubspot, baseUrl: "${URLS.ma}", accessToken: "\${SECRET}" }
entities:
  person: { extends: person, survivorship: { phone: ${phone} } }
syncs:
${companies ? '  companies:\n    entity: company\n    members: [ { mapping: crm-account, mode: both, create: true }, { mapping: ma-company, mode: both, create: true } ]\n' : ''}  people:
    entity: person
    members: [ ${member('crm-contact', crm)}, ${member('ma-contact', ma)} ]
`,
    'mappings/crm-contact.yaml': `connection: crm\nobject: Contact\nentity: person\nfields:${person('crm', crm, '{ Prospect: lead, Won: customer }')}`,
    'mappings/ma-contact.yaml': `connection: ma\nobject: contacts\nentity: person\nfields:${person('ma', ma, '{ Prospect: lead, Won: customer }')}`,
  };
  if (companies) {
    files['mappings/crm-account.yaml'] = 'preset: salesforce/account\nconnection: crm\n';
    files['mappings/ma-company.yaml'] = 'preset: hubspot/company\nconnection: ma\n';
  }
  return files;
}

export interface PlanWorld {
  act(act: Act): void;
  later(): void;
  plan(): Promise<PlanResult>;
  /** All syncs, each of whose writes is in the journal. `plan`: what they may write. */
  sync(plan?: readonly PlannedWrite[]): Promise<RunRow[]>;
  /** The writes since the last call. */
  taken(): Made[];
  /** Records made by the hub, as books of the sandboxes count them: `stream/id` → writes. */
  books(): Record<string, number>;
  /** Records that the API wrote to since the books were as given: `stream/id`, in order. */
  touchedSince(books: Readonly<Record<string, number>>): string[];
  /** Fields in which a record of a tool does not show what was written into them. */
  differs(tool: ToolName, object: string, id: string, written: Fields): string[];
  hub: Hub;
  db: Db;
}

export async function planWorld(db: Db, shape: WorldShape): Promise<PlanWorld> {
  let time = Date.parse('2026-03-01T09:00:00Z');
  const now = () => new Date(time);
  const salesforce = createSalesforceSandbox({
    now,
    clientId: 'id',
    clientSecret: 'secret',
    externalId: shape.ids,
  });
  const hubspot = createHubspotSandbox({ now, accessToken: 'secret', uniqueNayoseId: shape.ids });
  hubspot.setProperty('contacts', text('note_stage', 'Stage'));
  const tools = { crm: salesforce, ma: hubspot };
  const made: Made[] = [];
  const connectors: Record<string, Connector> = {};
  for (const [tool, type] of [
    ['crm', 'salesforce'],
    ['ma', 'hubspot'],
  ] as const) {
    const real = CONNECTORS[type]!;
    connectors[type] = {
      ...real,
      async write(ctx, stream, ops) {
        const outcomes = await real.write!(ctx, stream, ops);
        for (const op of ops) note(tool, stream, op, outcomes.find(({ key }) => key === op.key)!);
        return outcomes;
      },
    };
  }
  function note(connection: ToolName, object: string, op: Op, outcome: Outcome): void {
    // Two people with one address: the tool refuses it, and the plan knew.
    if (outcome.status === 'failed' && outcome.fields?.join() === 'email') return;
    if (outcome.status !== 'ok') throw new Error(`not taken: ${JSON.stringify({ op, outcome })}`);
    made.push({
      connection,
      object,
      op: op.op,
      id: outcome.id,
      key: op.key,
      fields: 'fields' in op ? op.fields : {},
    });
  }
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    return (request.url.startsWith(URLS.crm) ? salesforce : hubspot).app.fetch(request);
  };
  const read = readConfig(filesOf(shape), { env: { SECRET: 'secret' }, connectors: CONNECTORS });
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  const store: Store = memoryStore(db, 'plan-test', { close: async () => undefined });
  const { signal } = new AbortController();
  const hub = createHub(read.config, store, connectors, { now, random: () => 0, fetch, signal });

  const alive = (tool: ToolName, stream: string) =>
    tools[tool].records(stream).filter(({ deleted }) => !deleted);
  const ofPerson = (tool: ToolName, who: number) =>
    alive(tool, STREAM[tool]).filter(({ fields }) => fields[MAIL[tool]] === mailOf(who));
  const companyIn = (tool: ToolName, n: number) => {
    const field = tool === 'crm' ? 'Name' : 'name';
    const site = `cinna-${n}-plan.example`;
    const [there] = alive(tool, COMPANY[tool]).filter(({ fields }) => fields[field] === COMPANIES[n]);
    if (there) return there.id;
    const fields: Fields =
      tool === 'crm'
        ? { Name: COMPANIES[n]!, Website: `https://${site}` }
        : { name: COMPANIES[n]!, domain: site };
    return tools[tool].seed(COMPANY[tool], [{ fields }])[0]!;
  };
  const employer = (tool: ToolName, n: number | null): Fields =>
    shape.companies && n !== null ? { [EMPLOYER[tool]]: companyIn(tool, n) } : {};
  const later = () => {
    time += 600_000;
  };

  return {
    hub,
    db,
    later,
    act(act) {
      time += 60_000;
      // What nobody ever reads, nobody knows of before it is in the way, or gone.
      const unread = ('tool' in act ? act.tool : 'crm') as ToolName;
      if (['fold', 'remove', 'add'].includes(act.do) && shape[unread].mode === 'write') return;
      if (act.do === 'fold') {
        const [first, second] = ofPerson('crm', act.who);
        if (first && second) salesforce.merge('Contact', first.id, second.id);
        return;
      }
      if (act.do === 'remove') {
        // HubSpot's lists do not tell of deletions: neither the plan nor the sync could know of one.
        const [there] = ofPerson('crm', act.who);
        if (there) salesforce.remove('Contact', there.id);
        return;
      }
      const { tool, who } = act;
      const there = ofPerson(tool, who);
      if (act.do === 'add') {
        // HubSpot's addresses are unique; in Salesforce a person can be there twice.
        if (there.length > (tool === 'crm' ? 1 : 0)) return;
        const { family, given } = PEOPLE[who]!;
        const fields: Fields = {
          [tool === 'crm' ? 'LastName' : 'lastname']: family,
          [FIELDS.given[tool]]: given,
          [MAIL[tool]]: mailOf(who),
          ...employer(tool, act.company),
        };
        for (const { field, value } of act.values) if (value !== null) fields[FIELDS[field][tool]] = value;
        tools[tool].seed(STREAM[tool], [{ fields }]);
        return;
      }
      const id = there[0]?.id;
      if (id === undefined) return;
      if (act.do === 'move') {
        if (shape.companies)
          tools[tool].edit(STREAM[tool], id, { [EMPLOYER[tool]]: null, ...employer(tool, act.company) });
      } else if (act.do === 'rename')
        tools[tool].edit(STREAM[tool], id, {
          [tool === 'crm' ? 'LastName' : 'lastname']: `Neu-${PEOPLE[who]!.family}`,
        });
      else tools[tool].edit(STREAM[tool], id, { [FIELDS[act.field][tool]]: act.value });
    },
    async plan() {
      return planSyncs(hub.engine, await hub.syncs(), { full: false, signal });
    },
    async sync(plan) {
      const runs: RunRow[] = [];
      for (const sync of await hub.syncs())
        runs.push(
          await runSync(hub.engine, sync, {
            mode: 'sync',
            permits: plan && permitsOf(plan, sync.name),
            signal,
          }),
        );
      return runs;
    },
    taken: () => made.splice(0),
    books: () => ({ ...salesforce.books.writes, ...hubspot.books.writes }),
    touchedSince(before) {
      const now = { ...salesforce.books.writes, ...hubspot.books.writes };
      return Object.keys(now)
        .filter((key) => now[key] !== before[key])
        .sort();
    },
    differs(tool, object, id, written) {
      const { fields } = tools[tool].records(object).find((one) => one.id === id)!;
      const { sameField } = hub.engine.syncs
        .flatMap(({ members }) => members)
        .find(({ mapping }) => mapping.connection === tool && mapping.object === object)!.mapping;
      return Object.keys(written).filter((name) => !sameField(name, fields[name] ?? null, written[name]));
    },
  };
}
