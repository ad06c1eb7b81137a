/** The yardstick, as a process of its own: `yardstick.ts FILE` reads a list with the same parser and groups its rows by exact e-mail. */
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';

const groups = new Map<string, number[]>();
let row = 0;
for await (const { email } of createReadStream(process.argv[2]!).pipe(parse({ columns: true }))) {
  const group = groups.get(email);
  if (group === undefined) groups.set(email, [row]);
  else group.push(row);
  row++;
}
process.stdout.write(`${row} rows, ${groups.size} addresses\n`);
