import type { z } from 'zod';
import { list } from './problem.ts';

export type Issue = z.core.$ZodIssue;

const TYPES: Record<string, string> = {
  string: 'text',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
  null: 'nothing',
};

/** Zod's own words; anything else was written by the schema's author and says it better. */
const STOCK = /^(Invalid|Too |Unrecognized|Expected)/;
/** What a schema's author wrote is what was expected (`a time zone such as …`), and not what is wrong. */
const NOUN = /^(an?|one|letters|at least|the name)\b/;

/** Options of a picklist are all shown: to know them is to mend the file. */
const MOST_OPTIONS = 40;

/** What would have been right, in words. `keys`: of the map that is wanted here. */
export function expectation(issue: Issue, keys: readonly string[] = []): string {
  if (!STOCK.test(issue.message)) return issue.message.replace(/^expected /, '');
  switch (issue.code) {
    case 'invalid_type': {
      const type = TYPES[issue.expected] ?? issue.expected;
      return type === 'a map' && keys.length > 0 ? `a map of ${list(keys)}` : type;
    }
    case 'invalid_value':
      return issue.values.length === 1
        ? JSON.stringify(issue.values[0])
        : `one of ${list(issue.values.map(option), MOST_OPTIONS)}`;
    case 'invalid_union': {
      const options = choices(issue);
      const others = issue.errors.flat().filter((inner) => choices(inner).length === 0);
      return [
        ...(options.length > 0 ? [`one of ${list(options, MOST_OPTIONS)}`] : []),
        ...new Set(others.map((inner) => expectation(inner, keys))),
      ].join(', or ');
    }
    case 'too_small':
      if (issue.origin === 'string')
        return issue.minimum === 1 ? 'text that is not empty' : `at least ${issue.minimum} characters`;
      if (issue.origin === 'array' || issue.origin === 'record')
        return `at least ${issue.minimum} ${issue.minimum === 1 ? 'entry' : 'entries'}`;
      return `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'array') return `at most ${issue.maximum} entries`;
      return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    case 'invalid_format':
      if (issue.format === 'url') return 'an address such as https://example.com';
      return issue.message;
    default:
      return issue.message;
  }
}

/** A comma or a tab among options would be read as what separates them. */
const option = (value: unknown) => (/^[\w./-]+$/.test(String(value)) ? String(value) : JSON.stringify(value));

/** The words that would have been right, where there is a list of them. */
export function choices(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map((value) => String(value));
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options))
    return issue.options.map((one) => String(one));
  if (issue.code === 'invalid_union') return issue.errors.flat().flatMap(choices);
  return [];
}

/** What a schema's author said of a value: what is wrong with it, or what was expected in its place. */
export function custom(name: string, words: string): { message: string; expected?: string } {
  if (/^(is|must|has|needs) /.test(words)) return { message: `${name} ${words}` };
  if (NOUN.test(words) && !/[:;,]/.test(words.replace(/,? such as.*/, '')))
    return { message: `${name} has a wrong value`, expected: words };
  return { message: words };
}

/** What to write instead, where the value itself shows the slip. */
export function advice(issue: Issue, value: unknown): string | undefined {
  const wanted = wantedTypes(issue);
  const bare = typeof value === 'string' ? value.trim() : value;
  if (wanted.has('boolean') && typeof bare === 'string') {
    if (/^(yes|y|on|true)$/i.test(bare)) return 'write true';
    if (/^(no|n|off|false)$/i.test(bare)) return 'write false';
  }
  if (wanted.has('number') && typeof bare === 'string' && /^-?\d+(\.\d+)?$/.test(bare))
    return `write ${bare} without quotes`;
  // A form of several kinds, or one that its author describes, is not mended by another bracket.
  if (issue.code === 'invalid_union') return undefined;
  if (wanted.has('array') && (typeof bare === 'string' || typeof bare === 'number') && bare !== '')
    return `write [${bare}]`;
  if (wanted.has('array') && typeof bare === 'object' && bare !== null && !Array.isArray(bare))
    return 'write it as a list: "- " before each entry';
  if (wanted.has('object') && Array.isArray(value)) return 'write "name: …" lines, without "- " before them';
  if (
    wanted.has('string') &&
    STOCK.test(issue.message) &&
    (typeof bare === 'number' || typeof bare === 'boolean')
  )
    return `put it in quotes: "${bare}"`;
  return undefined;
}

function wantedTypes(issue: Issue): Set<string> {
  if (issue.code === 'invalid_type') {
    const same: Record<string, string> = { int: 'number', record: 'object' };
    return new Set([same[issue.expected] ?? issue.expected]);
  }
  if (issue.code !== 'invalid_union') return new Set();
  return new Set(
    issue.errors.flatMap((branch) =>
      branch.filter(({ path }) => path.length === 0).flatMap((inner) => [...wantedTypes(inner)]),
    ),
  );
}
