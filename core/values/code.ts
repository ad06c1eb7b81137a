import { fold } from './fold.ts';

/** A customer code: letters say which department issued it, digits are the number without leading zeros. */
export interface Code {
  department: string;
  number: string;
}

const PLACEHOLDER = /^(0+|9{4,}|なし|無し|不明|未定|n\/?a|none|null|unknown|test|tbd|-+)$/iu;

/** 'E-000123', 'e123', 'Ｅ１２３', '123' → one shape. A code is only a key together with its department. */
export function parseCode(text: string): Code | null {
  const folded = fold(text)
    .toLowerCase()
    .replace(/[\s\-_./#:]/gu, '');
  if (folded === '' || PLACEHOLDER.test(folded)) return null;
  const match = /^([a-z\p{L}]*?)0*(\d+)([a-z]*)$/u.exec(folded);
  if (match === null) return { department: '', number: folded };
  return { department: match[1]!, number: `${match[2]!}${match[3]!}` };
}
