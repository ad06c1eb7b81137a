/**
 * Records that vanished from a stream whose tool has no list of deletions, such as rows of a file: a reading from the beginning to the
 * end shows them by not showing them. Which it has shown is stored with each page, and what it has not is taken out by a run that is past
 * its guards, after one more look by id. A tool that only does not show a record has not said that anybody deleted it: the deletion is
 * presumed.
 */
import type { Page } from '../../connectors/contract.ts';
import { keyText } from '../model/record.ts';
import { type CursorRow, cursorOf, endWatch, type Watched } from '../store/cursors.ts';
import type { Db } from '../store/db.ts';
import { addSightings, countUnseen, forgetSightings, unseenPage } from '../store/differences.ts';
import type { Reason } from '../store/runs.ts';
import { commitChanges } from './commit.ts';
import { lookUp } from './lookup.ts';
import { plural } from './plural.ts';
import type { Engine, Mapping, Member, Sync } from './ports.ts';
import { notFound } from './touched.ts';

const LOOKUPS = 200;

/** Sightings of a reading stand beside those of reconciles. */
const readingOf = ({ name }: Mapping) => `reading ${name}`;

const tellsNoDeletions = ({ stream }: Member) => stream.read !== false && stream.read.deletes === 'none';

export interface Seen {
  watched: Watched | null;
  /** At the end of a watched reading: how many of the records that the hub held before it were shown. */
  shown?: { held: number; shown: number };
}

/**
 * Remembers what a page has shown, in the transaction that commits it, after its changes; nothing of erased persons (`blocked`). `held`: of the first page of a reading from the
 * beginning, live records before it.
 */
export async function watchPage(
  tx: Db,
  member: Member,
  known: CursorRow | undefined,
  page: Page,
  blocked: readonly string[],
  held: number | undefined,
): Promise<Seen> {
  if (!tellsNoDeletions(member)) return { watched: null };
  const { mapping } = member;
  const reading = readingOf(mapping);
  if (held !== undefined) await forgetSightings(tx, reading);
  const before = held === undefined ? (known?.watched ?? null) : held > 0 ? { held, aside: 0 } : null;
  if (!before) return { watched: null };
  const left = new Set(blocked);
  const ids = page.changes.flatMap(({ id }) => (left.has(id) ? [] : [id]));
  await addSightings(
    tx,
    reading,
    ids.map((id) => keyText({ connection: mapping.connection, object: mapping.object, id })),
  );
  const watched = { held: before.held, aside: before.aside + (page.problems?.length ?? 0) };
  if (!page.done) return { watched };
  const unseen = await countUnseen(tx, reading, mapping);
  if (unseen === 0) await forgetSightings(tx, reading);
  const { held: of } = watched;
  return { watched: unseen > 0 ? watched : null, shown: { held: of, shown: of - unseen } };
}

/** Is there a reading to its end, of which nobody has taken out yet what it did not show? */
export async function hasVanished(db: Db, { mapping }: Member): Promise<boolean> {
  const cursor = await cursorOf(db, mapping.name);
  return cursor !== undefined && cursor.watched !== null && cursor.sweepAt === null;
}

export interface TakenOut {
  deleted: number;
  done: boolean;
  /** Nothing is taken out, as what is not shown may be among the rows that could not be read. */
  reason?: Reason;
}

/** A page of what the last reading did not show: looked up once more, and taken out unless it is there. Throws ConnectorError. */
export async function takeOut(
  engine: Engine,
  sync: Sync,
  member: Member,
  signal: AbortSignal,
): Promise<TakenOut> {
  const { mapping } = member;
  const reading = readingOf(mapping);
  const end = () =>
    engine.db.transaction(async (tx) => {
      await forgetSightings(tx, reading);
      await endWatch(tx, mapping.name);
    });
  const watched = (await cursorOf(engine.db, mapping.name))?.watched;
  if (watched && watched.aside > 0) {
    const n = await countUnseen(engine.db, reading, mapping);
    await end();
    return { deleted: 0, done: true, ...(n > 0 ? { reason: unclear(member, n, watched.aside) } : {}) };
  }
  const unseen = await unseenPage(engine.db, reading, mapping, '', LOOKUPS);
  const by = member.stream.read ? member.stream.read.lookupBy[0] : undefined;
  if (unseen.length === 0 || by === undefined) {
    await end();
    return { deleted: 0, done: true };
  }
  const ids = unseen.map(({ extId }) => extId);
  const asked = engine.now();
  const found = await lookUp(member, by, ids, signal);
  const there = new Set(found.map(({ id }) => id));
  const gone = ids.filter((id) => !there.has(id)).map((id) => notFound(member, id, asked));
  return engine.db.transaction(async (tx) => {
    const options = { readBack: false, asked: asked.toISOString(), weighed: true };
    const { deleted } = await commitChanges(tx, engine, sync, member, [...found, ...gone], options);
    // Each is looked up once: one that is there, or that stays for another reason, has been seen.
    await addSightings(
      tx,
      reading,
      unseen.map(({ key }) => key),
    );
    return { deleted, done: false };
  });
}

const unclear = ({ tool, mapping }: Member, n: number, aside: number): Reason => ({
  code: 'not-shown',
  connection: tool.name,
  object: mapping.object,
  count: n,
  message: `${plural(n, 'record')} of ${mapping.object} ${n === 1 ? 'is' : 'are'} not shown any more, but ${plural(aside, 'row')} could not be read: nothing is taken for deleted`,
  hint: 'Mend the rows that were set aside; the next reading of the file then tells.',
});
