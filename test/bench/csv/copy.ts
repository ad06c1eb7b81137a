/** `copy.ts FROM TO`: the yardstick of a sync. A file into a table, a batch at a time, and from there into another file; DATABASE_URL says where. */
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { parse } from 'csv-parse';
import { stringify } from 'csv-stringify/sync';
import { openPg } from '../../../core/store/pg.ts';

const BATCH = 1000;
const COLUMNS = ['no', 'family', 'given', 'email', 'phone'];
const [from, to] = process.argv.slice(2) as [string, string];
const db = openPg(process.env.DATABASE_URL!);
await db.query(`create table copied (no text primary key, family text, given text, email text, phone text)`);

async function upsert(rows: readonly Record<string, string>[]): Promise<void> {
  await db.query(
    `insert into copied select no, family, given, email, phone
     from jsonb_to_recordset($1::jsonb) as x(no text, family text, given text, email text, phone text)
     on conflict (no) do update set family = excluded.family, given = excluded.given, email = excluded.email, phone = excluded.phone`,
    [JSON.stringify(rows)],
  );
}

let batch: Record<string, string>[] = [];
const parser = parse({ columns: true, relax_quotes: true, relax_column_count: true });
for await (const row of createReadStream(from).pipe(parser)) {
  batch.push(row);
  if (batch.length < BATCH) continue;
  await upsert(batch);
  batch = [];
}
if (batch.length > 0) await upsert(batch);

const out = createWriteStream(to);
out.write(stringify([COLUMNS]));
let rows = 0;
for (let last = ''; ; ) {
  const page = await db.query<Record<string, string>>(
    `select no, family, given, email, phone from copied where no > $1 order by no limit $2`,
    [last, BATCH],
  );
  if (page.length === 0) break;
  rows += page.length;
  last = page.at(-1)!.no!;
  if (!out.write(stringify(page, { columns: COLUMNS }))) await once(out, 'drain');
}
out.end();
await once(out, 'close');
await db.close();
process.stdout.write(`${rows.toLocaleString('en')} rows\n`);
