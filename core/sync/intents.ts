import type { Entity } from '../model/entity.ts';
import { isEmpty, sameValue } from '../model/value.ts';
import { type Intent, plan, type References } from '../plan/plan.ts';
import type { Db } from '../store/db.ts';
import { type Deletion, deletionsOf } from '../store/deletions.ts';
import { frozenOf, thaw } from '../store/flips.ts';
import { type GoldenRow, goldensById } from '../store/goldens.ts';
import { dropOutbox, type OutboxState, outboxOf, putOutbox } from '../store/outbox.ts';
import { goldenOfKeys, keysInStream, type ShownRecord, shownOfGolden } from '../store/records.ts';
import { forgetRefusals, type Refusal, refusalsOf, saveRefusals } from '../store/refusals.ts';
import { optsOut } from './consent.ts';
import { deleteIntent, fateOf, isOutside, propagates } from './deletes.ts';
import { referenceAttributes } from './inputs.ts';
import type { Engine, Member, Sync } from './ports.ts';

/** Opt-outs overtake everything, webhook-born writes incremental ones, and those a backfill. */
export const LANE = { consent: -1, realtime: 0, incremental: 1, backfill: 2 } as const;
export type Lane = (typeof LANE)[keyof typeof LANE];

export interface Wanted {
  intents: Intent[];
  goldens: Map<string, GoldenRow>;
  records: ShownRecord[];
}

/** What the outbox was filled from. */
export interface Filled extends Wanted {
  /** Some of these golden records were being written to somewhere: what was read of their records is on its way to be old. */
  flying: boolean;
}

/**
 * What each member must be told of these golden records: the difference of now, in one pass. Called by resolve (to
 * fill the outbox) and by deliver (to send the newest version of what is due).
 */
export async function intentsOf(
  tx: Db,
  engine: Engine,
  sync: Sync,
  goldenIds: readonly string[],
  members: readonly Member[],
): Promise<Wanted> {
  const [goldens, records, refusals, frozen, deleted] = await Promise.all([
    goldensById(tx, goldenIds),
    shownOfGolden(tx, goldenIds),
    refusalsOf(tx, goldenIds),
    frozenOf(tx, goldenIds),
    members.some(propagates) ? deletionsOf(tx, goldenIds) : new Map<string, Deletion[]>(),
  ]);
  // All tools, whichever are asked about: one that agrees is no end of the flipping.
  const writers = sync.members.filter(({ writes }) => writes);
  const settled = settledAmong(frozen, goldens, records, writers);
  await thaw(tx, settled);
  const byGolden = Map.groupBy(records, (record) => record.goldenId!);
  const refused = Map.groupBy(refusals, (row) => row.goldenId);
  const known = await Promise.all([
    goldenOfKeys(tx, [
      ...shownReferences(sync, records),
      ...records.flatMap(({ mergedInto }) => mergedInto ?? []),
    ]),
    ...members.map((member) => targetsInTool(tx, engine, sync, member, goldens)),
  ]);
  const [goldenOf, ...inTool] = known;
  const intents: Intent[] = [];
  const making = new Set<string>();
  const over: Refusal[] = [];
  for (const [index, member] of members.entries()) {
    const references: References = {
      goldenOf: (key) => goldenOf.get(key),
      inTool: (attribute, goldenId) => inTool[index]!.get(attribute)?.get(goldenId)?.[0],
    };
    for (const golden of goldens.values()) {
      if (golden.aliasOf !== null || !golden.live) continue;
      const own = byGolden.get(golden.id) ?? [];
      const refusals = refused.get(golden.id) ?? [];
      for (const held of targetsIn(own, member, (key) => goldenOf.has(key))) {
        if (!held) {
          // Of several objects of one tool, the first that may be created is.
          const place = `${golden.id} ${member.mapping.connection}`;
          if (making.has(place)) continue;
          const wanted = await member.createsWhen?.(golden.values);
          if (wanted?.ok === false) intents.push(undecidable(golden.id, member, wanted.message));
          if (wanted && !(wanted.ok && wanted.value)) continue;
          making.add(place);
        }
        const deletions = deleted.get(golden.id) ?? [];
        if (held && fateOf(held, own, deletions, member, (one) => isOutside(sync, one)) === 'delete') {
          intents.push(deleteIntent(golden.id, member.mapping.name, held));
          continue;
        }
        const mine = refusals.filter((row) => isAbout(row, member, held));
        over.push(...mine.filter((row) => isOver(row, golden, held, references)));
        const intent = await plan({
          golden,
          mapping: member.mapping,
          held,
          references,
          refused: Object.fromEntries(mine.map(({ attribute, value }) => [attribute, value])),
          left: leftAlone(sync.entity, golden, frozen.get(golden.id), held),
        });
        if (intent) intents.push(intent);
      }
    }
  }
  await forgetRefusals(tx, over);
  return { intents, goldens, records };
}

/**
 * Attributes that a record is left with as it shows them: those that flip, and those of which the hub has never read or written a value
 * there, and its people's cannot be read. To write over these would lose what they said. A pin and an opt-out are written.
 */
function leftAlone(
  entity: Entity,
  { provenance, values }: GoldenRow,
  flipping: ReadonlySet<string> | undefined,
  held: ShownRecord | undefined,
): ReadonlySet<string> | undefined {
  if (!held?.unread) return flipping;
  const kept = held.unread.filter(
    (attribute) =>
      !(attribute in held.seen) &&
      !(attribute in held.written) &&
      provenance[attribute]?.rule !== 'pin' &&
      !optsOut(entity, { [attribute]: values[attribute] ?? null }),
  );
  return new Set([...(flipping ?? []), ...kept]);
}

/** A record that nobody can say whether to create: told like a value that cannot be written. */
const undecidable = (goldenId: string, { mapping }: Member, message: string): Intent => ({
  op: 'create',
  goldenId,
  mapping: mapping.name,
  target: '',
  extId: null,
  version: null,
  fields: {},
  changes: [],
  sent: {},
  echo: {},
  awaits: [],
  problems: [
    { attribute: mapping.writeAttributes[0]?.attribute ?? '', message: `create.when: ${message}`, found: '' },
  ],
});

/**
 * The records to bring up to date; `[undefined]` for one to create. Nothing is created where the golden record already
 * has a record of this tool (as another object of the same entity, say), or where somebody deleted it; nor while the
 * record that it was folded into there is still to be read: that one takes its place.
 */
function targetsIn(
  own: readonly ShownRecord[],
  { mapping, creates }: Member,
  hasHome: (key: string) => boolean,
): (ShownRecord | undefined)[] {
  const here = own.filter(
    ({ connection, mergedInto }) =>
      connection === mapping.connection && (mergedInto === null || !hasHome(mergedInto)),
  );
  const live = here.filter((record) => record.object === mapping.object && !record.deleted);
  if (live.length > 0) return live;
  return creates && here.length === 0 ? [undefined] : [];
}

/** Frozen attributes that every tool shows as the golden record has them: somebody has settled what flipped. */
function settledAmong(
  frozen: ReadonlyMap<string, ReadonlySet<string>>,
  goldens: ReadonlyMap<string, GoldenRow>,
  records: readonly ShownRecord[],
  members: readonly Member[],
): { goldenId: string; attribute: string }[] {
  return [...frozen].flatMap(([goldenId, attributes]) =>
    [...attributes].flatMap((attribute) => {
      const wanted = goldens.get(goldenId)?.values[attribute];
      const shown = records.filter(
        ({ goldenId: own, connection, object, deleted }) =>
          own === goldenId &&
          !deleted &&
          members.some(
            ({ mapping }) =>
              mapping.connection === connection &&
              mapping.object === object &&
              mapping.writeAttributes.some((one) => one.attribute === attribute),
          ),
      );
      const agreed = shown.length > 0 && shown.every(({ seen }) => sameValue(seen[attribute], wanted));
      return agreed ? [{ goldenId, attribute }] : [];
    }),
  );
}

const isAbout = (row: Refusal, { mapping }: Member, held: ShownRecord | undefined) =>
  row.mapping === mapping.name && row.target === (held?.key ?? '');

/** Another value is wanted now, or the tool shows the one that it refused: nothing is left to mend. */
function isOver(
  { attribute, value }: Refusal,
  golden: GoldenRow,
  held: ShownRecord | undefined,
  references: References,
): boolean {
  const wanted = golden.values[attribute] ?? null;
  const key = isEmpty(wanted) ? undefined : references.inTool(attribute, String(wanted))?.key;
  if (!sameValue(value, wanted) && !(key !== undefined && sameValue(value, key))) return true;
  return held !== undefined && !isEmpty(wanted) && sameValue(held.seen[attribute], value);
}

/** The records that these records' references point to, as their tools show them. */
function shownReferences(sync: Sync, records: readonly ShownRecord[]): string[] {
  const shown = new Set<string>();
  for (const attribute of referenceAttributes(sync.entity))
    for (const record of records)
      if (!isEmpty(record.seen[attribute])) shown.add(String(record.seen[attribute]));
  return [...shown];
}

/** By reference attribute: what the golden records point to, as records of this member's tool. */
async function targetsInTool(
  tx: Db,
  engine: Engine,
  sync: Sync,
  { mapping }: Member,
  goldens: ReadonlyMap<string, GoldenRow>,
): Promise<Map<string, Map<string, { key: string; extId: string }[]>>> {
  const found = new Map<string, Map<string, { key: string; extId: string }[]>>();
  for (const attribute of referenceAttributes(sync.entity)) {
    const object = engine.objectOf(mapping.connection, sync.entity.attributes[attribute]!.entity ?? '');
    const ids = [...goldens.values()].map((golden) => golden.values[attribute]).filter((v) => !isEmpty(v));
    if (object) found.set(attribute, await keysInStream(tx, mapping.connection, object, ids.map(String)));
  }
  return found;
}

/**
 * Brings the outbox up to these golden records: wanted writes in, unwanted ones out. Returns what that follows from. What a webhook
 * (`clocks`: golden id → its arrival) set off takes the fast lane.
 */
export async function fillOutbox(
  tx: Db,
  engine: Engine,
  sync: Sync,
  goldenIds: readonly string[],
  lane: Lane,
  clocks: ReadonlyMap<string, string> = new Map(),
): Promise<Filled> {
  if (goldenIds.length === 0) return { intents: [], goldens: new Map(), records: [], flying: false };
  const now = engine.now().toISOString();
  const writers = sync.members.filter((member) => member.writes);
  const [there, { intents, goldens, records }] = await Promise.all([
    outboxOf(tx, goldenIds),
    intentsOf(tx, engine, sync, goldenIds, writers),
  ]);
  const wanted = intents.filter(isWanted);
  const place = (row: { goldenId: string; mapping: string; target: string }) =>
    JSON.stringify([row.goldenId, row.mapping, row.target]);
  const keep = new Set(wanted.map(place));
  const mappings = new Set(writers.map((member) => member.mapping.name));
  const stale = there.filter((row) => mappings.has(row.mapping) && !keep.has(place(row)));
  await Promise.all([
    saveRefusals(tx, refusalsFrom(intents, goldens), now),
    dropOutbox(tx, stale),
    putOutbox(
      tx,
      wanted.map((intent) => asRow(intent, sync, lane, clocks.get(intent.goldenId) ?? null)),
      now,
    ),
  ]);
  return { intents, goldens, records, flying: there.some(({ state }) => IN_FLIGHT.has(state)) };
}

const IN_FLIGHT: ReadonlySet<string> = new Set(['sending', 'unknown'] satisfies OutboxState[]);

export const isWanted = ({ op, fields, awaits }: Intent): boolean =>
  op === 'delete' || Object.keys(fields).length > 0 || awaits.length > 0;

/** As the outbox is to have it. */
export const asRow = (intent: Intent, sync: Sync, lane: Lane, since: string | null) => ({
  goldenId: intent.goldenId,
  mapping: intent.mapping,
  target: intent.target,
  entity: sync.entity.name,
  op: intent.op,
  key: opKey(intent),
  lane: optsOut(sync.entity, intent.sent) ? LANE.consent : since === null ? lane : LANE.realtime,
  since,
  awaits: intent.awaits,
  ready: intent.op === 'delete' || Object.keys(intent.fields).length > 0,
});

/** Stable across retries of the same write, and unlike that of any other. */
export const opKey = (intent: Pick<Intent, 'goldenId' | 'mapping' | 'target'>) =>
  [intent.goldenId, intent.mapping, intent.target].filter(Boolean).join(':');

/** Values that the mapping cannot put into the tool count as refused, before any call is made. */
export function refusalsFrom(intents: readonly Intent[], goldens: ReadonlyMap<string, GoldenRow>): Refusal[] {
  return intents.flatMap((intent) =>
    intent.problems.map((problem) => ({
      goldenId: intent.goldenId,
      mapping: intent.mapping,
      target: intent.target,
      attribute: problem.attribute,
      value: goldens.get(intent.goldenId)!.values[problem.attribute] ?? null,
      field: null,
      message: problem.message,
    })),
  );
}
