import { setTimeout as sleep } from 'node:timers/promises';
import { type Provenance, parseKey } from '../../core/model/record.ts';
import type { Value } from '../../core/model/value.ts';
import type { Db } from '../../core/store/db.ts';
import { displayName } from '../../core/store/explain.ts';
import { currentGolden } from '../../core/store/goldens.ts';
import type { Served } from './sandboxes.ts';

/** The edit that the tour makes. */
const TITLE = 'Chief Listening Officer';
/** Long enough for a loaded machine; a healthy one needs a fraction of a second. */
const PATIENCE_MS = 20_000;

export interface Travelled {
  name: string;
  golden: string;
  hubspotId: string;
  salesforceId: string;
  from: string | null;
  to: string;
  /** From the edit in HubSpot to its value in Salesforce; undefined: it did not arrive. */
  milliseconds: number | undefined;
  provenance: Provenance | undefined;
}

/**
 * Somebody edits a contact in HubSpot's own screens. HubSpot sends its signed webhook, the hub looks the record up, merges,
 * and writes Salesforce: nothing here does any of that, it only watches the clock and Salesforce.
 */
export async function travel(db: Db, boxes: Served, clock: () => number): Promise<Travelled> {
  const pair = await inBoth(db);
  const { salesforce, hubspot } = boxes;
  const shown = () =>
    salesforce.records('Contact').find(({ id }) => id === pair.salesforceId)?.fields.Title ?? null;
  const writes = () => salesforce.books.writes[`Contact/${pair.salesforceId}`] ?? 0;
  const from = shown() as string | null;
  const soFar = writes();
  const started = clock();
  hubspot.edit('contacts', pair.hubspotId, { jobtitle: TITLE });
  let milliseconds: number | undefined;
  while (clock() - started < PATIENCE_MS && milliseconds === undefined) {
    await sleep(1);
    if (writes() > soFar && shown() === TITLE) milliseconds = Math.round(clock() - started);
  }
  await hubspot.webhooksSettled();
  const golden = (await currentGolden(db, pair.golden))!;
  return {
    ...pair,
    name: displayName(golden.values),
    from,
    to: TITLE,
    milliseconds,
    provenance: golden.provenance.title,
  };
}

/** A person whom both tools knew from the start, with a job title in both. */
async function inBoth(db: Db) {
  const [row] = await db.query<{ golden: string; crm: string; ma: string }>(
    `select c.golden_id as golden, c.ext_id as crm, m.ext_id as ma
     from source_record c join source_record m on m.golden_id = c.golden_id
     where c.connection = 'crm' and c.object = 'Contact' and m.connection = 'ma' and m.object = 'contacts'
       and c.opinions ? 'title' and m.opinions ? 'title' and not c.deleted and not m.deleted
     order by c.golden_id limit 1`,
  );
  if (!row) throw new Error('the world has nobody whom both tools know: give it more --people');
  return { golden: row.golden, salesforceId: row.crm, hubspotId: row.ma };
}

/** Why that value, in two lines. */
export function whyLines({ to, provenance }: Travelled): string[] {
  if (!provenance) return [];
  const { source, at, rule, losers } = provenance;
  const lost = losers.map(({ value, source: from }) => `${show(value)} from ${place(from)}`);
  return [
    `${show(to)} comes from ${place(source)}, written at ${at.slice(11, 19)} UTC, and won by the rule '${rule}'.`,
    lost.length > 0
      ? `It won over ${lost.join(', ')}, which the hub keeps.`
      : 'Nobody else says anything else.',
  ];
}

const show = (value: Value) => `"${[value].flat().join(', ')}"`;
const place = (key: string) => {
  const { connection, object, id } = parseKey(key);
  return `${connection} ${object} ${id}`;
};
