import { damaged } from './format.ts';

/** No row is longer: what goes on without end is none of ours, and must not fill the memory. */
const LONGEST_LINE = 256 * 1024 * 1024;

/** Pieces of text as lines, numbered from 1. Throws StoreError when the last one has no end. */
export async function* numbered(
  pieces: AsyncIterable<string>,
): AsyncGenerator<{ line: string; number: number }, void> {
  let rest: string[] = [];
  let length = 0;
  let number = 0;
  for await (const piece of pieces) {
    let at = 0;
    for (let end = piece.indexOf('\n'); end !== -1; end = piece.indexOf('\n', at)) {
      rest.push(piece.slice(at, end));
      yield { line: rest.join(''), number: ++number };
      rest = [];
      length = 0;
      at = end + 1;
    }
    rest.push(piece.slice(at));
    length += piece.length - at;
    if (length > LONGEST_LINE) throw damaged(`line ${number + 1} of the file has no end`);
  }
  if (length > 0) throw damaged('the file is cut off: its end is missing');
}
