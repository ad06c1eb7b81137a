/**
 * The quick way through rows that keep the csv rules, which nearly all do: bytes are cut at newlines, delimiters and quotes. It
 * never judges: whatever looks odd is left to the parser that knows every rule.
 */
import { isUtf8 } from 'node:buffer';
import { decoder, type Format, type Position, type Row } from './rows.ts';

export interface Plain {
  rows: Row[];
  /** Where the first row begins that is not among them. */
  end: Position;
  /** Why it ended there: the bytes end, within a row or after it; or a row that needs a closer look. */
  stopped: 'cut' | 'odd' | 'end';
}

/** As `text.split(mark)`, which V8 does with a look-up in its table of all texts for each cell of one or two characters. */
function cut(text: string, mark: string): string[] {
  const cells: string[] = [];
  let from = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, from)) {
    cells.push(text.slice(from, at));
    from = at + 1;
  }
  cells.push(text.slice(from));
  return cells;
}

const QUOTE = 0x22;
const RETURN = 0x0d;

/** Reads rows from bytes that begin at a row. `last`: nothing follows these bytes. */
export function plainReader({ encoding, delimiter, newline }: Format) {
  const [MARK, NEWLINE] = [delimiter.charCodeAt(0), newline.charCodeAt(0)];
  const slow = decoder(encoding);

  return (bytes: Buffer, from: Position, last: boolean): Plain => {
    const { length } = bytes;
    const rows: Row[] = [];
    const whole =
      encoding === 'utf-8' && isUtf8(last ? bytes : bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1));
    /** undefined: not text in this encoding. */
    const decode = (begin: number, end: number): string | undefined => {
      if (whole) return bytes.toString('utf8', begin, end);
      return slow(bytes.toString('latin1', begin, end));
    };
    let { line } = from;
    let at = 0;
    let quote = bytes.indexOf(QUOTE);
    const stop = (stopped: Plain['stopped']): Plain => ({
      rows,
      end: { offset: from.offset + at, line },
      stopped,
    });

    while (at < length) {
      const found = bytes.indexOf(NEWLINE, at);
      if (found < 0 && !last) return stop('cut');
      const lineEnd = found < 0 ? length : found;
      while (quote >= 0 && quote < at) quote = bytes.indexOf(QUOTE, at);
      if (quote < 0 || quote >= lineEnd) {
        const text = decode(at, withoutReturn(bytes, at, lineEnd, found));
        if (text === undefined) return stop('odd');
        at = found < 0 ? length : found + 1;
        line += found < 0 ? 0 : 1;
        if (text !== '')
          rows.push({
            line: found < 0 ? line + 1 : line,
            end: { offset: from.offset + at, line },
            cells: cut(text, delimiter),
          });
        continue;
      }
      const row = quoted(bytes, at);
      if (row === 'cut' && !last) return stop('cut');
      if (typeof row === 'string') return stop('odd');
      const first = line + 1;
      line += row.newlines;
      at = row.end;
      rows.push({ line: first, end: { offset: from.offset + at, line }, cells: row.cells });
    }
    return stop('end');

    /** A row with quotes somewhere in it. */
    function quoted(
      buffer: Buffer,
      begin: number,
    ): { cells: string[]; end: number; newlines: number } | 'odd' | 'cut' {
      const cells: string[] = [];
      let newlines = 0;
      for (let pos = begin; ; ) {
        let after: number;
        if (buffer[pos] === QUOTE) {
          let close = buffer.indexOf(QUOTE, pos + 1);
          let doubled = false;
          while (close >= 0 && buffer[close + 1] === QUOTE) {
            doubled = true;
            close = buffer.indexOf(QUOTE, close + 2);
          }
          // A quote at the end of the bytes may be the first of two.
          if (close < 0 || (close + 2 >= length && !last)) return 'cut';
          const text = decode(pos + 1, close);
          if (text === undefined) return 'odd';
          for (let n = text.indexOf(newline); n >= 0; n = text.indexOf(newline, n + 1)) newlines++;
          cells.push(doubled ? text.replaceAll('""', '"') : text);
          after = close + 1;
        } else {
          const lineAt = buffer.indexOf(NEWLINE, pos);
          if (lineAt < 0 && !last) return 'cut';
          const end = lineAt < 0 ? length : lineAt;
          const mark = buffer.indexOf(MARK, pos);
          after = mark >= 0 && mark < end ? mark : withoutReturn(buffer, pos, end, lineAt);
          const text = decode(pos, after);
          if (text === undefined || text.includes('"')) return 'odd';
          cells.push(text);
        }
        if (after >= length) return { cells, end: length, newlines };
        if (buffer[after] === MARK) {
          pos = after + 1;
          continue;
        }
        if (newline === '\n' && buffer[after] === RETURN && buffer[after + 1] === NEWLINE) after++;
        if (buffer[after] !== NEWLINE) return 'odd';
        return { cells, end: after + 1, newlines: newlines + 1 };
      }
    }
  };

  /** A carriage return belongs to the newline that follows it, and is a character elsewhere. */
  function withoutReturn(bytes: Buffer, begin: number, end: number, found: number): number {
    return newline === '\n' && found >= 0 && end > begin && bytes[end - 1] === RETURN ? end - 1 : end;
  }
}
