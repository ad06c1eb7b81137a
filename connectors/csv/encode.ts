import type { Encoding } from './rows.ts';

/** Text as the file's bytes, or the first character that its encoding does not have. `made`: what reads back, where that differs. */
export type Encoded = { bytes: Buffer; made: string } | { lacks: string };

export function encode(text: string, encoding: Encoding): Encoded {
  if (encoding === 'utf-8') {
    // A lone surrogate has no bytes in UTF-8: it would be written as the mark for what cannot be read.
    const lone = /\p{Surrogate}/u.exec(text)?.[0];
    return lone === undefined ? { bytes: Buffer.from(text, 'utf8'), made: text } : { lacks: lone };
  }
  const table = shiftJis();
  const bytes: number[] = [];
  let made = '';
  for (const char of text) {
    const written = SAME[char] ?? char;
    const code = table.get(written);
    if (code === undefined) return { lacks: char };
    if (code > 0xff) bytes.push(code >> 8, code & 0xff);
    else bytes.push(code);
    made += written;
  }
  return { bytes: Buffer.from(bytes), made };
}

/**
 * Characters that Unicode has twice and Shift_JIS, as Windows reads it, once. They look the same, and people on a Mac type the left
 * ones: to refuse every 〜 would keep half of a Japanese address book out.
 */
const SAME: Record<string, string> = {
  '〜': '～',
  '−': '－',
  '‖': '∥',
  '—': '―',
  '¢': '￠',
  '£': '￡',
  '¬': '￢',
};

let known: Map<string, number> | undefined;

/** What `TextDecoder('shift_jis')` reads, turned round. */
function shiftJis(): Map<string, number> {
  if (known) return known;
  known = new Map();
  const decoder = new TextDecoder('shift_jis', { fatal: true });
  const add = (bytes: number[]) => {
    const code = bytes.reduce((all, byte) => (all << 8) | byte, 0);
    try {
      const char = decoder.decode(Uint8Array.from(bytes));
      if ([...char].length === 1 && !known!.has(char)) known!.set(char, code);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  };
  for (let byte = 0; byte < 0x100; byte++) add([byte]);
  for (let lead = 0x81; lead <= 0xfc; lead++) {
    // NEC's selection of IBM's characters stands twice in the table: Windows writes the other one.
    if ((lead > 0x9f && lead < 0xe0) || lead === 0xed || lead === 0xee) continue;
    for (let trail = 0x40; trail <= 0xfc; trail++) add([lead, trail]);
  }
  return known;
}
