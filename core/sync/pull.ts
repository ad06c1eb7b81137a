import { ConnectorError } from '../../connectors/contract.ts';
import { cursorOf, saveCursor } from '../store/cursors.ts';
import { inFlight } from '../store/outbox-flight.ts';
import { countLive } from '../store/tally.ts';
import { type Committed, commitChanges } from './commit.ts';
import type { Engine, Member, Sync } from './ports.ts';
import { releaseUnknown } from './recover.ts';
import { lookUpTouched } from './touched.ts';
import { watchPage } from './vanished.ts';

export interface Pulled extends Committed {
  done: boolean;
  /** Of a full read's first page: live records that the hub held of the stream before it. */
  held?: number;
  /** Of the end of a reading that is watched for what is gone: in place of what was counted page by page. */
  shown?: { held: number; shown: number };
  /** Rows the tool's reader set aside. */
  problems: { line?: number; message: string }[];
  /** Fields that the tool no longer has or shows. */
  lacking: string[];
}

/**
 * One page: read, map, compare, and commit the records together with the cursor that ends it (law 1). `afresh`: this run
 * reads the stream from its beginning, and this is its first page. Throws ConnectorError; nothing is committed then.
 */
export async function pullPage(
  engine: Engine,
  sync: Sync,
  member: Member,
  afresh: boolean,
  signal: AbortSignal,
): Promise<Pulled> {
  const { mapping, tool } = member;
  const read = tool.connector.read;
  if (!read) throw new ConnectorError('rejected', `${tool.name} cannot be read`);
  const filter = mapping.filter ? ` where ${JSON.stringify(mapping.filter)}` : '';
  const fingerprint = [...mapping.readFields].sort().join(' ') + filter;
  const known = await cursorOf(engine.db, mapping.name);
  const restart = afresh || !known || known.fingerprint !== fingerprint;
  const since = restart ? null : known.value;
  const fields = member.idField ? [...new Set([...mapping.readFields, member.idField])] : mapping.readFields;
  const asked = engine.now().toISOString();
  const page = await read.call(tool.connector, tool.context(signal), mapping.object, { since }, fields);
  const changes = await lookUpTouched(member, page.changes, signal, engine.now());
  const begins = since === null || page.afresh === true;
  return engine.db.transaction(async (tx) => {
    const held = begins ? await countLive(tx, mapping.connection, mapping.object) : undefined;
    const committed = await commitChanges(tx, engine, sync, member, changes, { readBack: false, asked });
    const { watched, shown } = await watchPage(tx, member, known, page, committed.blocked, held);
    const now = engine.now().toISOString();
    const sweepAt = restart ? asked : (known.sweepAt ?? asked);
    const rescanned = page.done && (known?.rescan ?? false);
    await saveCursor(
      tx,
      {
        mapping: mapping.name,
        value: page.cursor,
        complete: page.done || (known?.complete ?? false),
        rescan: (known?.rescan ?? false) && !rescanned,
        fingerprint,
        sweepAt: page.done ? null : sweepAt,
        lookedAt: page.done ? sweepAt : (known?.lookedAt ?? null),
        watched,
      },
      now,
    );
    if (rescanned) {
      const lost = (await inFlight(tx, mapping.name)).filter((row) => row.state === 'unknown');
      await releaseUnknown(tx, engine, lost);
    }
    return {
      ...committed,
      done: page.done,
      problems: page.problems ?? [],
      lacking: page.lacking ?? [],
      ...(held === undefined ? {} : { held }),
      ...(shown ? { shown } : {}),
    };
  });
}
