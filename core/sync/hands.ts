import type { Engine } from './ports.ts';

/** What a process holds, for all engines that work as one owner. */
export type Hands = Required<Pick<Engine, 'owed' | 'inHand'>>;

export const emptyHands = (): Hands => ({ owed: [], inHand: new Set() });
