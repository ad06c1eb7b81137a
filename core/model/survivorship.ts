/**
 * How an attribute's value is chosen among the opinions of its source records. A chain is tried in order: each
 * rule narrows the candidates, and what is still tied goes to the newest, then to the smallest source key.
 *   latest     the newest edit
 *   prefer     the first of these connections that has an opinion
 *   complete   the value with most parts filled (of its group, or else of the record)
 *   longest    the longest text
 *   rank       the value that stands last in this list of stages (lead < customer)
 *   any / all  true if any / all are true (consent: one opt-out is an opt-out: `any`)
 *   min max sum   over numbers and dates
 *   union      every value of a list
 */
export type Rule =
  | 'latest'
  | 'complete'
  | 'longest'
  | 'any'
  | 'all'
  | 'min'
  | 'max'
  | 'sum'
  | 'union'
  | { prefer: string[] }
  | { rank: string[] };

export const RULE_NAMES = [
  'latest',
  'complete',
  'longest',
  'any',
  'all',
  'min',
  'max',
  'sum',
  'union',
] as const;
