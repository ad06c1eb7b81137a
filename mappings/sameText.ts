import type { Json } from '../connectors/contract.ts';

/** A value as it is compared with a word of the mapping: without spaces around it, in any case. */
export const sameText = (value: Json | undefined) =>
  String(value ?? '')
    .trim()
    .toLowerCase();
