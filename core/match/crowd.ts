import type { Model } from './model.ts';

/**
 * Whole bits by which two of so many records are less likely one than the model's prior says. Of n records about as many pairs are one
 * as n, and as many are possible as n²: each doubling beyond `among` takes a bit. Fellegi and Sunter's bound then holds at any size: of
 * pairs that chance has made alike, a record has no more in doubt than 2 to the power of -review, however many others there are.
 * Links lose nothing: they need evidence of two kinds beside it.
 */
export function crowd({ among, trained }: Pick<Model, 'among' | 'trained'>, records: number): number {
  return Math.max(0, Math.floor(Math.log2(records / (among ?? trained!.records))));
}

/** The model for a list of so many records: what is no doubt among them is joined by nobody either. */
export function crowded(model: Model, records: number): Model {
  const review = model.review + crowd(model, records);
  return { ...model, review, join: Math.max(model.join, review) };
}
