import { type Parsed, UsageError } from '../args.ts';
import type { Command } from '../command.ts';

export const demoCommand: Command = {
  name: 'demo',
  usage: 'demo [--once] [--people N] [--port N] [--seed N]',
  summary: 'a tour: two simulated tools with messy records, planned, synced, and kept in step',
  details: `  --once     ends after the tour instead of serving the console
  --people   contacts in each tool (default 1500)
  --port     where the hub serves (default 8787)
  --seed     another seed, other people (default 7)
  Everything happens on this machine, in a temporary folder that is removed at the end.`,
  options: {
    once: { type: 'boolean' },
    people: { type: 'string' },
    port: { type: 'string' },
    seed: { type: 'string' },
  },
  words: { min: 0, max: 0 },
  async run(session, { values }) {
    const options = {
      once: values.once === true,
      people: whole(values, 'people', 1500, 10, 100_000),
      port: whole(values, 'port', 8787, 0, 65_535),
      seed: whole(values, 'seed', 7, 0, 2 ** 31),
    };
    // Loaded late: it brings the server and two simulated tools.
    const { runDemo } = await import('../../demo/demo.ts');
    return runDemo(session, options);
  },
};

function whole(
  values: Parsed['values'],
  name: string,
  standard: number,
  least: number,
  most: number,
): number {
  const text = values[name];
  if (text === undefined) return standard;
  const number = Number(text);
  if (!Number.isInteger(number) || number < least || number > most)
    throw new UsageError(`--${name} is a whole number from ${least} to ${most}, not '${text}'`);
  return number;
}
