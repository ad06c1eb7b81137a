/** What looks like a person's or a program's, whatever tool wrote it into a message. Order matters: longer forms first. */
const PATTERNS: [RegExp, string][] = [
  [/\bBearer\s+[\w.~+/=-]+/gi, 'Bearer [token]'],
  [/\bey[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[token]'],
  [/\b(?:nayose_[0-9a-f]{16,}|whsec_[\w+/=-]+|pat-[a-z0-9]+-[\w-]{16,}|00D\w{12,15}![\w.]+)/g, '[token]'],
  [
    /((?:access_token|refresh_token|client_secret|assertion|password|token)["']?\s*[=:]\s*["']?)[^\s"'&,;}]+/gi,
    '$1[token]',
  ],
  [/[^\s"'<>()[\]{},;:=/\\?&|：、。]+(?:@|＠|%40)[^\s"'<>()[\]{},;:=/\\?&|：、。]+/gi, '[e-mail]'],
  [
    /(?<![\w.:-])(?:\+\d[\d ().-]{6,}\d|0\d{1,4}[-. (]{1,2}\d{1,4}[-. )]{1,2}\d{3,4}|0\d{9,10}|\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4})(?![\w-])/g,
    '[phone]',
  ],
];

/** What is longer is no message, and to search it would take long. */
const LONGEST = 4000;

/**
 * `text` without e-mail addresses, phone numbers and tokens. Names cannot be told from other words: messages must not hold them.
 * A long one is cut behind a whole word, since half an address is not known as one.
 */
export function scrub(text: string): string {
  let clean = text.length > LONGEST ? `${text.slice(0, LONGEST).replace(/[^\s]*$/, '')}[cut]` : text;
  for (const [pattern, instead] of PATTERNS) clean = clean.replace(pattern, instead);
  return clean;
}

/** Every text inside, scrubbed. Errors become their messages. */
export function scrubbed(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return scrub(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return scrub(value.message);
  if (depth > 8) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => scrubbed(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, scrubbed(inner, depth + 1)]));
}
