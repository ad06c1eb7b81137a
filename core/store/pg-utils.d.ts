/** The driver's own way of writing a parameter as text, which its types leave out. */
declare module 'pg/lib/utils' {
  export function prepareValue(value: unknown): string | null;
}
