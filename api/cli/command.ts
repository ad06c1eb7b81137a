import type { Options, Parsed } from './args.ts';
import type { Session } from './session.ts';

/** One word of the command line. `run` returns the exit code: 0 done, 2 ended incomplete or halted; errors are thrown. */
export interface Command {
  name: string;
  usage: string;
  summary: string;
  /** More lines for its own --help. */
  details?: string;
  options: Options;
  /** `missing`: what to say when there are fewer than `min`, with an example. */
  words: { min: number; max: number; missing?: string };
  run(session: Session, args: Parsed): Promise<0 | 1 | 2>;
}
