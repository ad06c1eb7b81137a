/**
 * JSON text for a jsonb parameter. PostgreSQL refuses NUL and lone surrogates inside jsonb, and tools do send them: they
 * are dropped and replaced (U+FFFD) here, so that one bad character cannot stop a page.
 */
export function json(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  if (!/\\u0000|\\ud[89a-f]/i.test(text)) return text;
  return JSON.stringify(value, (_, item) =>
    typeof item === 'string' ? item.replaceAll('\u0000', '').toWellFormed() : item,
  );
}
