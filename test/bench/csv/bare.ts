/** `bare.ts FILE`: the yardstick, csv-parse alone over a stream; what breaks the rules of csv it takes as it comes. */
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';

let rows = 0;
const parser = parse({ columns: true, relax_quotes: true, relax_column_count: true });
for await (const row of createReadStream(process.argv[2]!).pipe(parser)) if (row !== undefined) rows++;
process.stdout.write(`${rows} rows\n`);
