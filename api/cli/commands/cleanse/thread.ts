/** A thread of `createCrew`. */
import { parentPort } from 'node:worker_threads';
import { createHand, type Known, type Tasks } from './hand.ts';

const hand = createHand();
const port = parentPort!;

type Order = { known: Partial<Known> } | { task: keyof Tasks; order: Tasks[keyof Tasks][0] };

port.on('message', async (said: Order) => {
  if ('known' in said) {
    hand.learn(said.known);
    return;
  }
  try {
    port.postMessage({ answer: await hand.work(said.task, said.order) });
  } catch (failed) {
    port.postMessage({ failed });
  }
});
