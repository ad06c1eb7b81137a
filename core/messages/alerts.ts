import { parseKey } from '../model/record.ts';
import type { Value } from '../model/value.ts';
import { countAlerts, unsettledMappings } from '../store/alerts.ts';
import type { Db } from '../store/db.ts';
import type { GoldenRow } from '../store/goldens.ts';
import { type NewMessage, putMessages } from '../store/messages.ts';
import type { Engine, Sync } from '../sync/ports.ts';
import { crosses } from './crossing.ts';
import type { AlertRule } from './rule.ts';

/** A golden record whose values are others than before. */
export interface GoldenChange {
  after: GoldenRow;
  /** What its records belonged to until now: none for a new one, several after a merge. */
  before: GoldenRow[];
  changes: Record<string, { from: Value; to: Value }>;
  /** Source keys of its live records. */
  records: string[];
  /** Streams (`connection/object`) of the records that the change comes from. */
  causes: string[];
}

/**
 * Looks at every rule of the sync's entity, and puts the messages of those that fire beside the change, in its transaction: both
 * are committed or neither. Returns how many. What a stream shows until it was delivered once was there before, and tells nobody.
 */
export async function lookForAlerts(
  tx: Db,
  engine: Engine,
  sync: Sync,
  changed: readonly GoldenChange[],
): Promise<number> {
  const rules = (engine.alerts ?? []).filter(({ entity }) => entity === sync.entity.name);
  if (engine.dry || rules.length === 0 || changed.length === 0) return 0;
  const silent = await unsettledStreams(tx, sync);
  const news = changed.filter(
    ({ after, causes }) => after.live && !causes.some((stream) => silent.has(stream)),
  );
  const now = engine.now().toISOString();
  const messages: NewMessage[] = [];
  const counts: Parameters<typeof countAlerts>[1][number][] = [];
  for (const rule of rules) {
    const count = { name: rule.name, fired: 0, errors: 0, error: null as string | null };
    for (const change of news) {
      const { fires, error } = await crosses(
        rule,
        change.after.values,
        change.before.map(({ values }) => values),
      );
      if (error !== undefined) Object.assign(count, { errors: count.errors + 1, error });
      if (!fires) continue;
      count.fired++;
      messages.push(messageOf(rule, change, now));
    }
    if (count.fired + count.errors > 0) counts.push(count);
  }
  await putMessages(tx, messages, now);
  await countAlerts(tx, counts, now);
  return messages.length;
}

/** Streams of this sync's tools that were never delivered yet: what they bring now is there already. */
export async function unsettledStreams(tx: Db, sync: Sync): Promise<Set<string>> {
  const readers = sync.members.filter(({ reads }) => reads);
  const unsettled = await unsettledMappings(
    tx,
    readers.map(({ mapping }) => mapping.name),
  );
  return new Set(
    readers
      .filter(({ mapping }) => unsettled.has(mapping.name))
      .map(({ mapping }) => `${mapping.connection}/${mapping.object}`),
  );
}

/** A golden record as receivers outside see it. */
export function goldenShown(golden: GoldenRow, records: readonly string[]) {
  const { id, entity, values, provenance, version, updatedAt } = golden;
  return { id, entity, values, provenance, records: records.map(parseKey), version, updatedAt };
}

/** Its id follows from what it tells, so the same crossing is never two messages. */
function messageOf(
  rule: AlertRule,
  { after, before, changes, records }: GoldenChange,
  now: string,
): NewMessage {
  const type = `alert.${rule.name}`;
  const { id, version } = after;
  const previous = (before.find((one) => one.id === id) ?? before[0])?.values ?? null;
  return {
    id: `msg_${id}_${version}_${rule.name}`,
    connection: rule.to,
    type,
    goldenId: id,
    format: rule.format,
    body: JSON.stringify({
      type,
      timestamp: now,
      data: {
        golden: goldenShown(after, records),
        previous,
        changed: changes,
      },
    }),
  };
}
