/** A position in a config file, 1-based. `text` is the whole line, with anything secret masked. */
export interface Place {
  file: string;
  line: number;
  column: number;
  text: string;
}

/** What is wrong in a config file, where, and what to write instead. */
export interface ConfigProblem {
  severity: 'error' | 'warning';
  place: Place;
  message: string;
  found?: string;
  expected?: string;
  fix?: string;
}

/** Keys whose values are never shown: not in messages, not in the quoted line. */
export const SECRET_KEY = /secret|token|passw|private|credential|api_?key|hookkey|assertion|^key$/i;

const SECRET_PAIR =
  /((?:[\w-]*(?:secret|token|passw|private|credential|api_?key|hookkey|assertion)[\w-]*|\bkey)["']?\s*:\s*)("(?:[^"\\]|\\.)*"?|'[^']*'?|\{[^{}]*\}|[^\s,}#]+)/gi;

/** The line as it may be shown: literal secrets become stars of the same width, `${NAME}` stays. */
export function maskLine(line: string): string {
  return line.replace(SECRET_PAIR, (whole, key: string, value: string) =>
    (value.includes('${') && !value.startsWith('{')) || value === '{'
      ? whole
      : key + '*'.repeat(value.length),
  );
}

/** A value as a message shows it: short, one line, without its insides when it is large. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value) && value.length > 3) return `a list of ${value.length}`;
  const text = JSON.stringify(value);
  if (text.length <= 60) return text;
  if (typeof value === 'string') return `${text.slice(0, 57)}…"`;
  return Array.isArray(value) ? `a list of ${value.length}` : 'a map';
}

/** Names for a message; a long list is cut. */
export function list(names: readonly string[], most = 12): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')}, … (${names.length} in all)`;
}

/**
 * ```
 * mappings/crm.yaml:4:3: error: person has no attribute "givenNme"
 *   4 |   givenNme: FirstName
 *     |   ^
 *   expected: one of familyName, givenName
 *   fix: did you mean "givenName"?
 * ```
 */
export function formatProblem(problem: ConfigProblem): string {
  const { place } = problem;
  const number = String(place.line);
  const lines = [`${place.file}:${place.line}:${place.column}: ${problem.severity}: ${problem.message}`];
  if (place.text !== '') {
    // Tabs are kept so that the caret stands under its character in any terminal.
    const before = place.text.slice(0, place.column - 1).replace(/[^\t]/g, (c) => (wide(c) ? '  ' : ' '));
    lines.push(`  ${number} | ${place.text}`, `  ${' '.repeat(number.length)} | ${before}^`);
  }
  if (problem.found !== undefined) lines.push(`  found: ${problem.found}`);
  if (problem.expected !== undefined) lines.push(`  expected: ${problem.expected}`);
  if (problem.fix !== undefined) lines.push(`  fix: ${problem.fix}`);
  return lines.join('\n');
}

/** Characters that terminals draw two columns wide. */
const wide = (c: string) =>
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(c);
