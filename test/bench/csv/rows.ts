import { createWriteStream } from 'node:fs';

/** Every so many rows one has a line break in it, or breaks the rules of csv. */
const BROKEN_LINE = 10;
const BAD = 100_000;

const FAMILY = ['佐藤', '鈴木', '髙橋', '田中', '伊藤', '渡邊', '山本', '中村'];
const GIVEN = ['太郎', '花子', '一郎', '葵', '翔太', '陽菜'];

/** Writes a file of so many different people, and returns how many of its rows keep the rules. */
export async function writeRows(path: string, rows: number): Promise<number> {
  const file = createWriteStream(path);
  const write = (text: string) =>
    new Promise<void>((done, fail) => file.write(text, (error) => (error ? fail(error) : done())));
  await write('no,family,given,email,phone,note\n');
  let good = 0;
  for (let from = 0; from < rows; from += 10_000) {
    let text = '';
    for (let i = from; i < Math.min(from + 10_000, rows); i++) {
      const bad = i % BAD === BAD - 1;
      const note = bad ? 'a "bad" row' : i % BROKEN_LINE === 0 ? `"two\nlines"` : '';
      const number = String(i).padStart(8, '0');
      text += `${i},${FAMILY[i % FAMILY.length]},${GIVEN[i % GIVEN.length]},p${i}@b${i % 997}.example.jp,090-${number.slice(0, 4)}-${number.slice(4)},${note}\n`;
      if (!bad) good++;
    }
    await write(text);
  }
  await new Promise<void>((done) => file.end(done));
  return good;
}
