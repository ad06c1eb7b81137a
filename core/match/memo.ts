/** Answers known already are given again; at most `limit` are kept, then it starts afresh. Answers are never undefined. */
export type Memo<T extends object | string | null> = (key: string, make: (key: string) => T) => T;

export function memo<T extends object | string | null>(limit: number): Memo<T> {
  const known = new Map<string, T>();
  return (key, make) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= limit) known.clear();
    const made = make(key);
    known.set(key, made);
    return made;
  };
}
