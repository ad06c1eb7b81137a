import type { Model } from './model.ts';

/**
 * Whole bits by which two of so many records are less likely one than the model's prior says. Of n records about as many pairs are one
 * as n, and as many are possible as n²: each doubling beyond `among` takes a bit. Fellegi and Sunter's bound then holds at any size: of
 * pairs that chance has made alike, a record has no more in doubt than 2 to the power of -review, however many others there are. A
 * model that does not tell its `among` loses none.
 *
 * Only what people are asked about depends on it. Scores, links and clusters are functions of pairs, as they were: links need evidence of two
 * kinds beside the sum.
 */
export function crowd({ among }: Pick<Model, 'among'>, records: number): number {
  return among === undefined ? 0 : Math.max(0, Math.floor(Math.log2(records / among)));
}

/** The same model, for asking about pairs among so many records. */
export const crowded = (model: Model, records: number): Model => ({
  ...model,
  review: model.review + crowd(model, records),
});
