import { setFlagsFromString } from 'node:v8';

/** The old generation is collected when it has grown by so much since the last time. */
const GROWTH_PERCENT = 50;

/**
 * From now on this process's heap follows what it holds, and not what the machine has to spare: left to itself, Node collects late, and
 * a run takes half a gigabyte for the hundred megabytes that it needs at once. It is no limit: who needs more gets more. Called once, at the
 * start of a process whose work is a page at a time. Node only.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  // The space of new objects stays as large as loading the program has made it: it would double once more.
  setFlagsFromString('--semi-space-growth-factor=1');
}
