/** Which config folder the records of a database are of. */
import type { Db } from './db.ts';
import { json } from './json.ts';

export interface Home {
  connection: string;
  /** The tool's type, with the folder or address that the connection names. */
  leadsTo: string;
  folder: string;
}

export async function homesOf(db: Db): Promise<Home[]> {
  return (await db.query(
    `select connection, leads_to as "leadsTo", folder from home order by at desc, connection`,
  )) as unknown as Home[];
}

/** These connections, and no others, are what the records are of. */
export async function saveHomes(db: Db, homes: readonly Home[], at: string): Promise<void> {
  await db.query(
    `with gone as (delete from home where connection not in
       (select connection from jsonb_to_recordset($1::jsonb) as x(connection text)))
     insert into home (connection, leads_to, folder, at)
     select connection, "leadsTo", folder, $2::timestamptz from jsonb_to_recordset($1::jsonb) as x(connection text, "leadsTo" text, folder text)
     on conflict (connection) do update set leads_to = excluded.leads_to, folder = excluded.folder, at = excluded.at`,
    [json(homes), at],
  );
}
