/**
 * Secrets and persons that tests put into configs and sandboxes, and that must come out nowhere but in data that somebody asked
 * for. `npm test` names a file in NAYOSE_TEST_OUTPUT; what servers under test log, measure, trace and answer as errors is added
 * to it, and searched at the end (test/run.ts).
 *
 * What a command prints on the terminal of the person who typed it (`explain`, `plan`, `failures`) is that person's data, not a
 * log: it is left out on purpose. `serve` and `sync` run unattended, so all they say is searched.
 */
import { appendFileSync, readFileSync } from 'node:fs';

export interface Planted {
  what: string;
  value: string;
}

/** Given to servers under test: see test/api/serve/harness.ts and api/demo/sandboxes.ts. */
export const SECRETS = {
  adminToken: 'test-token-of-the-administrator',
  accessToken: 'sandbox-access-token',
  clientSecret: 'sandbox-client-secret',
  webhookSecret: 'sandbox-webhook-secret',
} as const;

/** A person of the sandboxes. */
export const PERSON = {
  email: 'planted.person@leak.example',
  phone: '+81 90-7654-3210',
  street: '埋設町一丁目二番地の三',
  familyName: '勅使河原田',
} as const;

export const PLANTED: Planted[] = [
  ...Object.entries(SECRETS).map(([name, value]) => ({ what: `the secret ${name}`, value })),
  ...Object.entries(PERSON).map(([name, value]) => ({ what: `a person's ${name}`, value })),
];

/** Adds what a server under test said; `where` names the place for whoever looks for a leak. */
export function keepOutput(where: string, text: string): void {
  const file = process.env.NAYOSE_TEST_OUTPUT;
  if (file && text !== '') appendFileSync(file, `${JSON.stringify({ where, text })}\n`);
}

const urlSafe = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_');

/** As it may stand in a text: plain, in an address, inside JSON (also with every character escaped), or in base64 at any offset. */
export function formsOf(value: string): string[] {
  const escaped = [...value].map((char) =>
    char.charCodeAt(0) > 126 ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : char,
  );
  const bytes = Buffer.from(value);
  const base64 = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and the last characters depend on what stands beside the value.
    return text.slice(offset === 0 ? 0 : offset + 1, -1);
  });
  const url = encodeURIComponent(value);
  const json = JSON.stringify(value).slice(1, -1);
  return [
    ...new Set([
      value,
      url,
      url.replaceAll('%20', '+'),
      json,
      escaped.join(''),
      ...base64,
      ...base64.map(urlSafe),
    ]),
  ];
}

export interface Leak {
  what: string;
  where: string;
  /** Of the file, counted from 1. */
  line: number;
}

/** Every place of the file where something planted stands: its kind and place, never the value. */
export function findLeaks(
  file: string,
  planted: readonly Planted[] = PLANTED,
): { places: number; leaks: Leak[] } {
  const sought = planted.map(({ what, value }) => ({
    what,
    forms: formsOf(value).map((form) => form.toLowerCase()),
  }));
  const leaks: Leak[] = [];
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  for (const [index, line] of lines.entries()) {
    const { where, text } = JSON.parse(line) as { where: string; text: string };
    const lower = text.toLowerCase();
    for (const { what, forms } of sought)
      if (forms.some((form) => lower.includes(form))) leaks.push({ what, where, line: index + 1 });
  }
  return { places: lines.length, leaks };
}
