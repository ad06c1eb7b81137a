import { parseKey } from '../model/record.ts';
import type { Db } from '../store/db.ts';
import type { GoldenRow } from '../store/goldens.ts';
import { type NewMessage, putMessages } from '../store/messages.ts';
import type { Engine, Sync } from '../sync/ports.ts';
import { type GoldenChange, goldenShown, unsettledStreams } from './alerts.ts';
import type { EventRule } from './rule.ts';

/** A golden record that was folded into another, or fell apart. */
export type GoldenMove = {
  id: string;
  /** Tells it from everything else that happened to this golden record. */
  mark: string;
  /** As in GoldenChange. */
  causes: string[];
} & (
  | { kind: 'merged'; into: string; survivor: GoldenRow | undefined; records: string[] }
  | { kind: 'split'; into: string[]; went: Record<string, string> }
);

/**
 * Puts a message for each receiver that wants to hear of these, beside the change and in its transaction. Returns how many. As
 * with alerts, what a stream shows until it was delivered once was there before, and tells nobody.
 */
export async function tellEvents(
  tx: Db,
  engine: Engine,
  sync: Sync,
  changed: readonly GoldenChange[],
  moved: readonly GoldenMove[],
): Promise<number> {
  const entity = sync.entity.name;
  const rules = (engine.webhooks ?? []).filter((rule) => rule.entity === undefined || rule.entity === entity);
  if (engine.dry || rules.length === 0 || changed.length + moved.length === 0) return 0;
  const silent = await unsettledStreams(tx, sync);
  const isNews = ({ causes }: { causes: string[] }) => !causes.some((stream) => silent.has(stream));
  const now = engine.now().toISOString();
  const happened = [
    ...changed.filter((one) => isNews(one) && one.after.live).map(asChanged),
    ...moved.filter(isNews).map((one) => asMoved(entity, one)),
  ];
  const messages = happened.flatMap((event) =>
    rules.filter((rule) => rule.events.includes(event.kind)).map((rule) => messageFor(rule, event, now)),
  );
  await putMessages(tx, messages, now);
  return messages.length;
}

/**
 * Tells the receivers that a golden record was erased, so that they can forget it too. Called in the erasure's transaction, after whatever
 * was to be sent of it is gone. It says ids alone: the one that the golden record had, and those of the records that were folded into it.
 */
export async function tellErased(
  tx: Db,
  engine: Pick<Engine, 'webhooks'>,
  erased: { id: string; entity: string; aliases: readonly string[]; version: number },
  at: string,
): Promise<void> {
  const { id, entity, aliases, version } = erased;
  const data = { id, entity, aliases };
  const event: Happened = { kind: 'erased', golden: id, mark: String(version), data };
  const rules = (engine.webhooks ?? []).filter(
    (rule) => (rule.entity === undefined || rule.entity === entity) && rule.events.includes('erased'),
  );
  await putMessages(
    tx,
    rules.map((rule) => messageFor(rule, event, at)),
    at,
  );
}

interface Happened {
  kind: EventRule['events'][number];
  golden: string;
  mark: GoldenMove['mark'];
  data: unknown;
}

function asChanged({ after, before, changes, records }: GoldenChange): Happened {
  const previous = before.find(({ id }) => id === after.id);
  return {
    kind: previous ? 'updated' : 'created',
    golden: after.id,
    mark: String(after.version),
    data: { golden: goldenShown(after, records), previous: previous?.values ?? null, changed: changes },
  };
}

function asMoved(entity: string, move: GoldenMove): Happened {
  const { id, mark } = move;
  if (move.kind === 'merged') {
    const { into, survivor, records } = move;
    const golden = survivor ? goldenShown(survivor, records) : { id: into, entity };
    return { kind: 'merged', golden: id, mark, data: { id, entity, into, golden } };
  }
  const { into, went } = move;
  const records = Object.entries(went).map(([key, golden]) => ({ ...parseKey(key), golden }));
  return { kind: 'split', golden: id, mark, data: { id, entity, into, records } };
}

function messageFor({ to }: EventRule, { kind, golden, mark, data }: Happened, now: string): NewMessage {
  const type = `golden.${kind}`;
  return {
    id: `msg_${golden}_${mark}_${kind}_${to}`,
    connection: to,
    type,
    goldenId: golden,
    format: 'standard',
    body: JSON.stringify({ type, timestamp: now, data }),
  };
}
