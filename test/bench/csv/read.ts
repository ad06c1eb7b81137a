/** `read.ts FILE`: reads all rows as the connector and `cleanse` do. */
import { readCsv } from '../../../connectors/csv/read.ts';

let [rows, aside] = [0, 0];
for await (const row of readCsv(process.argv[2]!)) {
  if ('problem' in row) aside++;
  else rows++;
}
process.stdout.write(`${rows.toLocaleString('en')} rows, ${aside} set aside\n`);
