import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { createHand, type Known, type Tasks } from './hand.ts';

/** Somebody asked the command to stop. */
export class Stopped extends Error {}

/** Several hands that share the work, or one in this thread. */
export interface Crew {
  hands: number;
  /** Throws Stopped once it was asked for; `each` does so by itself. */
  goOn(): void;
  /** Told to every hand before its next task. */
  tell(known: Partial<Known>): void;
  /** Does a task for each order, and gives the answers in their order. */
  each<T extends keyof Tasks>(
    task: T,
    orders: readonly Tasks[T][0][],
    onDone?: (answer: Tasks[T][1], done: number) => void,
  ): Promise<Tasks[T][1][]>;
  close(): Promise<void>;
}

const YOUNG_MB = 48;

/** 0 threads: everything is done here, one task after the other. `stop`: no task is waited for any more. */
export function createCrew(threads: number, stop: AbortSignal): Crew {
  return threads === 0 ? alone(stop) : together(threads, stop);
}

const asked = (stop: AbortSignal) => () => {
  if (stop.aborted) throw new Stopped();
};

function alone(stop: AbortSignal): Crew {
  const hand = createHand();
  const goOn = asked(stop);
  return {
    hands: 1,
    goOn,
    tell: (known) => hand.learn(known),
    async each(task, orders, onDone) {
      const answers = [];
      for (const order of orders) {
        // Signals of the system are heard between two turns of the loop.
        await turn();
        goOn();
        const answer = await hand.work(task, order);
        answers.push(answer);
        onDone?.(answer, answers.length);
      }
      return answers;
    },
    close: () => hand.close(),
  };
}

/** What a thread answers. */
export type Answered = { answer: unknown } | { failed: unknown };

function together(threads: number, stop: AbortSignal): Crew {
  const goOn = asked(stop);
  const hands = Array.from(
    { length: threads },
    () =>
      new Worker(new URL('./thread.ts', import.meta.url), {
        // Nearly everything is needed for one row only: with more room it is gone before it is looked at.
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      }),
  );
  const work = (hand: Worker, task: string, order: unknown) =>
    new Promise<unknown>((done, fail) => {
      const end = (error: Error | undefined, answer?: unknown) => {
        hand.off('message', heard).off('error', end).off('exit', gone);
        stop.removeEventListener('abort', stopped);
        if (error === undefined) done(answer);
        else fail(error);
      };
      const heard = (said: Answered) =>
        'answer' in said ? end(undefined, said.answer) : end(said.failed as Error);
      const gone = (code: number) => end(new Error(`a thread of cleanse ended with ${code}`));
      const stopped = () => end(new Stopped());
      hand.on('message', heard).on('error', end).on('exit', gone);
      stop.addEventListener('abort', stopped);
      hand.postMessage({ task, order });
    });
  return {
    hands: threads,
    goOn,
    tell(known) {
      for (const hand of hands) hand.postMessage({ known });
    },
    async each<T extends keyof Tasks>(
      task: T,
      orders: readonly Tasks[T][0][],
      onDone?: (answer: Tasks[T][1], done: number) => void,
    ) {
      const answers = new Array<Tasks[T][1]>(orders.length);
      let next = 0;
      let done = 0;
      await Promise.all(
        hands.map(async (hand) => {
          while (next < orders.length) {
            goOn();
            const i = next++;
            answers[i] = (await work(hand, task, orders[i])) as Tasks[T][1];
            onDone?.(answers[i]!, ++done);
          }
        }),
      );
      return answers;
    },
    async close() {
      await Promise.all(hands.map((hand) => hand.terminate()));
    },
  };
}
