import type { Progress } from '../../core/sync/ports.ts';

/** Where a command speaks. With `--json` only the result goes to standard output, everything else to standard error. */
export interface Out {
  json: boolean;
  /** A line for people. */
  line(text?: string): void;
  warn(text: string): void;
  progress(event: Progress): void;
  /** Ends a progress line. */
  settle(): void;
  /** The one result: JSON for programs, text for people. */
  result(value: object, text: string): void;
}

/** What a command writes to: a process's own stream, or another process's through the hub. */
export interface Terminal {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

const WIDTH = 24;
/** Without a terminal: a line at most this often. */
const PLAIN_EVERY_MS = 2_000;

const VERBS: Record<string, string> = {
  pull: 'reading',
  resolve: 'matching and merging',
  deliver: 'writing',
  confirm: 'checking what was written',
  database: 'waiting for the database, seconds',
};

function describe(event: Progress): string {
  const where = [event.connection, event.object].filter(Boolean).join(' ');
  const what = `${event.sync}: ${VERBS[event.phase] ?? event.phase}${where ? ` ${where}` : ''}`;
  return `${what} ${event.done.toLocaleString('en')}${event.total === undefined ? '' : ` of ${event.total.toLocaleString('en')}`}`;
}

function bar({ done, total }: Progress): string {
  if (total === undefined || total === 0) return '';
  const filled = Math.min(WIDTH, Math.round((done / total) * WIDTH));
  return `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} `;
}

/** Values come from forms that strangers fill in: what would steer a terminal is shown as a mark. */
const tame = (text: string) => text.replaceAll('\r\n', '\n').replace(/[^\P{Cc}\t\n]/gu, '\ufffd');

/** Progress as a bar that rewrites itself on a terminal, as plain lines elsewhere. */
export function createOut(options: {
  json: boolean;
  stdout: Terminal;
  stderr: Terminal;
  now(): number;
}): Out {
  const { json, stdout, stderr, now } = options;
  const speak = json ? stderr : stdout;
  let open = false;
  let last = -Infinity;
  let lastKind = '';
  const settle = () => {
    if (open) speak.write('\n');
    open = false;
  };
  return {
    json,
    settle,
    line(text = '') {
      settle();
      speak.write(`${tame(text)}\n`);
    },
    warn(text) {
      settle();
      stderr.write(`${tame(text)}\n`);
    },
    progress(event) {
      const kind = `${event.sync} ${event.phase} ${event.connection} ${event.object}`;
      if (speak.isTTY) {
        const text = `${bar(event)}${describe(event)}`.slice(0, (speak.columns ?? 80) - 1);
        speak.write(`${open && kind !== lastKind ? '\n' : ''}\r\u001b[2K${text}`);
        open = true;
      } else if (now() - last >= PLAIN_EVERY_MS) {
        last = now();
        speak.write(`${describe(event)}\n`);
      }
      lastKind = kind;
    },
    result(value, text) {
      settle();
      if (json) stdout.write(`${JSON.stringify(value)}\n`);
      else if (text !== '') stdout.write(`${tame(text)}\n`);
    },
  };
}

/** `1 record`, `1,200 records`. */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

/** Columns padded to their widest cell; numbers to the right. Wide (CJK) characters count as two. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, i) => Math.max(...cells.map((row) => columns(row[i] ?? ''))));
  const numeric = head.map((_, i) => rows.length > 0 && rows.every((row) => typeof row[i] === 'number'));
  return cells
    .map((row) =>
      row
        .map((cell, i) => {
          const pad = ' '.repeat(widths[i]! - columns(cell));
          return numeric[i] ? pad + cell : cell + pad;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function columns(text: string): number {
  let width = 0;
  for (const char of text)
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]/u.test(
        char,
      ) || char > '\u{1f000}'
        ? 2
        : 1;
  return width;
}
