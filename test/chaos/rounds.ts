/** Many rounds, in chapters: each a world of its own, over one database or the other. */
import { ChapterFailed, type ChapterOptions, type ChapterResult, playChapter } from './chapter.ts';

export type Database = 'embedded' | 'server' | 'both';

/** Rounds of one chapter: long enough to get into trouble, short enough to find out why. */
export const CHAPTER = 50;

export interface RoundsOptions {
  rounds: number;
  seed: number;
  database: Database;
  freshDatabase(): Promise<string>;
  fill?: ChapterOptions['fill'];
  told(line: string): void;
}

/** What repeats one chapter alone. */
export interface Repeat {
  seed: number;
  rounds: number;
  database: 'embedded' | 'server';
}

/** A chapter that ended badly: `repeat` plays it again. */
export interface Broken {
  repeat: Repeat;
  failure: ChapterFailed;
}

export class RoundsFailed extends Error {
  readonly broken: Broken[];
  /** The figures of the chapters in which every law held. */
  readonly held: ChapterResult | undefined;
  constructor(broken: Broken[], held: ChapterResult | undefined) {
    super(broken.map(({ failure }) => failure.message).join('; '), { cause: broken[0]?.failure });
    this.broken = broken;
    this.held = held;
  }
}

/** Throws RoundsFailed when all chapters are played and some of them broke a law. */
export async function playRounds(options: RoundsOptions): Promise<ChapterResult> {
  const results: ChapterResult[] = [];
  const broken: Broken[] = [];
  for (let done = 0; done < options.rounds; done += CHAPTER) {
    const index = done / CHAPTER;
    const database =
      options.database === 'both' ? (index % 2 === 0 ? 'embedded' : 'server') : options.database;
    // The first chapter has the seed that was asked for, so that a later one can be played alone.
    const repeat: Repeat = {
      seed: options.seed + index,
      rounds: Math.min(CHAPTER, options.rounds - done),
      database,
    };
    try {
      const databaseUrl = database === 'server' ? await options.freshDatabase() : undefined;
      const result = await playChapter({
        seed: repeat.seed,
        rounds: repeat.rounds,
        databaseUrl,
        fill: options.fill,
      });
      results.push(result);
      options.told(
        `chapter ${index + 1}: seed ${repeat.seed}, ${database}, ${repeat.rounds} rounds in ${result.seconds.toFixed(1)} s`,
      );
    } catch (error) {
      if (!(error instanceof ChapterFailed)) throw error;
      broken.push({ repeat, failure: error });
      options.told(`chapter ${index + 1}: seed ${repeat.seed}, ${database}: ${error.message}`);
    }
  }
  const held = results.length > 0 ? results.reduce(add) : undefined;
  if (broken.length > 0 || !held) throw new RoundsFailed(broken, held);
  return held;
}

function add(a: ChapterResult, b: ChapterResult): ChapterResult {
  const counts = (x: Record<string, number>, y: Record<string, number>) => {
    const sum = { ...x };
    for (const [name, n] of Object.entries(y)) sum[name] = (sum[name] ?? 0) + n;
    return sum;
  };
  return {
    rounds: a.rounds + b.rounds,
    seconds: a.seconds + b.seconds,
    acts: counts(a.acts, b.acts),
    faults: counts(a.faults, b.faults),
    hooks: counts(a.hooks, b.hooks),
    kills: a.kills + b.kills,
    runs: counts(a.runs, b.runs),
    calls: a.calls + b.calls,
    created: a.created + b.created,
    updated: a.updated + b.updated,
    proven: a.proven + b.proven,
    compared: a.compared + b.compared,
    looked: a.looked + b.looked,
    mostWrites: Math.max(a.mostWrites, b.mostWrites),
  };
}
