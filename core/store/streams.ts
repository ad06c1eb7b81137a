import type { Stream } from '../../connectors/contract.ts';
import type { Db } from './db.ts';
import { json } from './json.ts';

/** What tools said of their streams since `after`: for runtimes that remember nothing between two steps, and for tools that are away. */
export async function cachedStreams(
  db: Db,
  connection: string,
  objects: readonly string[],
  after: Date,
): Promise<Stream[]> {
  const rows = await db.query<{ stream: Stream }>(
    `select stream from stream_cache where connection = $1 and object = any($2::text[]) and at > $3::timestamptz`,
    [connection, objects, after.toISOString()],
  );
  return rows.map(({ stream }) => stream);
}

export async function cacheStreams(
  db: Db,
  connection: string,
  streams: readonly Stream[],
  now: Date,
): Promise<void> {
  await db.query(
    `insert into stream_cache (connection, object, stream, at)
     select $1, x.stream->>'name', x.stream, $3::timestamptz from jsonb_array_elements($2::jsonb) as x(stream)
     on conflict (connection, object) do update set stream = excluded.stream, at = excluded.at`,
    [connection, json(streams), now.toISOString()],
  );
}
