/**
 * JSON text for a jsonb parameter. PostgreSQL refuses NUL and lone surrogates inside jsonb, and tools do send them, in
 * names of fields too: they are dropped and replaced (U+FFFD) here, so that one bad character cannot stop a page.
 */
export function json(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  if (!/\\u0000|\\ud[89a-f]/i.test(text)) return text;
  const clean = (said: string) => said.replaceAll('\u0000', '').toWellFormed();
  return JSON.stringify(value, (_, item) => {
    if (typeof item === 'string') return clean(item);
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).map(([name, inside]) => [clean(name), inside]));
  });
}
