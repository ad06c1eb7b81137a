/** A weight as people read it. */
export const signed = (bits: number): string => `${bits >= 0 ? '+' : ''}${bits.toFixed(1)}`;

/** A probability, which is never said to be certain. */
export const likely = (p: number): string =>
  p > 0.999 ? 'over 99.9%' : p < 0.001 ? 'under 0.1%' : `${(p * 100).toFixed(1)}%`;
