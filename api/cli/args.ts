import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Command } from './command.ts';

export type Options = NonNullable<ParseArgsConfig['options']>;

export interface Parsed {
  positionals: string[];
  values: Record<string, string | boolean | undefined>;
}

/** The words of a command were wrong: said with the command's own usage, exit code 1. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

export const COMMON: Options = {
  config: { type: 'string', default: '.' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
};

/** Reads a command's words. Unknown options and too many words are UsageErrors. */
export function readArgs(argv: readonly string[], options: Options, words: Command['words']): Parsed {
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      args: [...argv],
      options: { ...COMMON, ...options },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. To specify')[0]!);
  }
  const values = parsed.values as Parsed['values'];
  const { positionals } = parsed;
  if (!values.help) {
    if (positionals.length < words.min) throw new UsageError(words.missing ?? 'a word is missing');
    if (positionals.length > words.max)
      throw new UsageError(`'${positionals[words.max]}' is one word too many`);
  }
  return { positionals, values };
}
