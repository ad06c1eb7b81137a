/**
 * A canonical value: what an attribute holds once mappings have read it. Text is trimmed and never '';
 * dates are 'YYYY-MM-DD', datetimes ISO 8601 in UTC; a reference is a SourceKey as text in an opinion and a
 * golden id in a golden record. `null` means empty.
 */
export type Scalar = string | number | boolean;
export type Value = Scalar | string[] | null;
export type Values = Record<string, Value>;

export function isEmpty(value: Value | undefined): value is null | undefined {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

/** Lists are sets: their order means nothing (tools re-order multi-selects). */
export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b);
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return false;
    const left = [...a].sort();
    const right = [...b].sort();
    return left.every((item, i) => item === right[i]);
  }
  return a === b;
}

/** Equal as JSON, whatever the order of keys (jsonb does not keep it); `undefined` members count as absent. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a).filter(([, value]) => value !== undefined);
  const right = Object.entries(b).filter(([, value]) => value !== undefined);
  return (
    left.length === right.length &&
    left.every(
      ([key, value]) => Object.hasOwn(b, key) && sameJson(value, (b as Record<string, unknown>)[key]),
    )
  );
}
