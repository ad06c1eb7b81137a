import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import { COLUMNS, listRows } from './records.ts';

/** What the columns of a generated list mean, as a mapping file says it. */
export const MAPPING = `id: record_id
entity: person
fields:
  familyName: family_name
  givenName: given_name
  email: email
  phone: phone
  postalCode: postal_code
  region: region
  city: city
  street: street
`;

const CHUNK = 5_000;

/** Writes a generated list, a chunk at a time. */
export async function writeList(path: string, rows: number, seed: number): Promise<void> {
  const out = createWriteStream(path);
  let chunk: string[][] = [COLUMNS];
  const flush = async () => {
    const text = stringify(chunk);
    chunk = [];
    if (!out.write(text)) await once(out, 'drain');
  };
  for (const row of listRows(rows, seed)) {
    chunk.push(row);
    if (chunk.length >= CHUNK) await flush();
  }
  await flush();
  out.end();
  await once(out, 'close');
}
