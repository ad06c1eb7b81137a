import type { ErrorCode } from 'yaml';
import { type ConfigProblem, type Place, show } from './problem.ts';

/** What the YAML parser says, in words for whoever wrote the file, and what to do about it. */
const WORDS: Partial<Record<ErrorCode, { message: string; fix: string }>> = {
  TAB_AS_INDENT: { message: 'tabs are not allowed as indentation', fix: 'indent with spaces' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second ": " in one line',
    fix: 'put quotes around a value that contains ": "',
  },
  BLOCK_IN_FLOW: {
    message: 'a second ": " inside { } or [ ]',
    fix: 'put quotes around a value that contains ": "',
  },
  BAD_INDENT: {
    message: 'this line is indented differently from the lines it belongs to',
    fix: 'begin it in the column of its neighbours',
  },
  BAD_SCALAR_START: {
    message: 'a value cannot begin with this character',
    fix: 'put quotes around the value',
  },
  BAD_DQ_ESCAPE: {
    message: 'this is no escape that "…" knows',
    fix: "write '…' around the value, or double the backslash",
  },
  MULTIPLE_DOCS: {
    message: 'a second document begins here',
    fix: 'remove the "---" line: one file holds one document',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'this line is no "name: value"',
    fix: 'write "name: value", with a space after the colon',
  },
  UNEXPECTED_TOKEN: {
    message: 'something stands here that does not belong to the line',
    fix: 'put quotes around the whole value',
  },
  MISSING_CHAR: {
    message: 'something is missing here',
    fix: 'check the quotes, commas and brackets of this line: a "name: value" needs its colon and a space',
  },
  BAD_ALIAS: { message: 'a value cannot begin with *', fix: 'put quotes around the value' },
  TAG_RESOLVE_FAILED: { message: 'a value cannot begin with !', fix: 'put quotes around the value' },
};

/** One syntax error of a file. `placeAt`: the place of a character; `lines`: as they are written, nothing masked. */
export function syntaxProblem(
  error: { code: ErrorCode; pos: [number, number]; message: string },
  text: string,
  placeAt: (offset: number) => Place,
): ConfigProblem {
  const lines = text.split(/\r?\n/);
  const place = placeAt(error.pos[0]);
  const raw = lines[place.line - 1] ?? '';
  for (const match of raw.matchAll(/\$\{\w*\}/g)) {
    if (quoted(raw, match.index)) continue;
    return {
      severity: 'error',
      place: { ...place, column: match.index + 1 },
      message: `${match[0]} must be quoted here, because braces mean a map in YAML`,
      found: match[0],
      expected: `"${match[0]}"`,
      fix: `write "${match[0]}" with the quotes`,
    };
  }
  const wrong = (at: Place, message: string, fix: string): ConfigProblem => ({
    severity: 'error',
    place: at,
    message: `this is not valid YAML: ${message}`,
    ...(at.text.trim() === '' ? {} : { found: show(at.text.trim()) }),
    fix,
  });
  const open = openAt(text, error.pos[0]);
  if (open?.mark === '"' || open?.mark === "'")
    return wrong(placeAt(open.at), 'the quote that opens here is never closed', `close it with ${open.mark}`);
  if (
    open &&
    /end with a [}\]]|must be followed|flow|,/i.test(error.message) &&
    error.code !== 'BLOCK_IN_FLOW'
  )
    return wrong(
      placeAt(open.at),
      `the ${open.mark} that opens here is not closed before line ${place.line}, column ${place.column}`,
      `check the commas after it, and close it with ${open.mark === '{' ? '}' : ']'}`,
    );
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^\s*(?:["']?)([^:"']+)/.exec(text.slice(error.pos[0]))?.[1]?.trim() ?? 'a key';
    return wrong(place, `"${key}" stands twice in one map`, 'keep one of the two');
  }
  const words = WORDS[error.code];
  return wrong(
    place,
    words?.message ?? `${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`,
    words?.fix ?? 'check the quotes and the indentation of this line',
  );
}

/** Is this column inside "…" or '…' of its line? */
function quoted(line: string, column: number): boolean {
  const mark = openAt(line, column)?.mark;
  return mark === '"' || mark === "'";
}

/** The innermost quote or bracket that is open at a character of the text. */
function openAt(text: string, offset: number): { mark: string; at: number } | undefined {
  const open: { mark: string; at: number }[] = [];
  for (let i = 0; i < Math.min(offset, text.length); i++) {
    const c = text[i]!;
    const inside = open.at(-1)?.mark;
    if (inside === '"' || inside === "'") {
      if (inside === '"' && c === '\\') i++;
      else if (c === inside) open.pop();
    } else if (c === '#' && (i === 0 || /\s/.test(text[i - 1]!))) {
      const end = text.indexOf('\n', i);
      i = end < 0 ? text.length : end;
    } else if ((c === '"' || c === "'") && /[\s[{,:]/.test(text[i - 1] ?? ' ')) open.push({ mark: c, at: i });
    else if ((c === '{' || c === '[') && (inside !== undefined || /[\s]/.test(text[i - 1] ?? ' ')))
      open.push({ mark: c, at: i });
    else if (inside !== undefined && (c === '}' || c === ']')) open.pop();
  }
  return open.at(-1);
}
