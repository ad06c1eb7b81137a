import type { Value, Values } from './value.ts';

/** Which record of which tool. As text: `connection/object/id`, each part percent-encoded where it must be. */
export interface SourceKey {
  connection: string;
  object: string;
  id: string;
}

/** NUL and lone surrogates cannot be stored as text; an id that has them is still one id. */
const part = (text: string) =>
  text
    .toWellFormed()
    .replaceAll('\u0000', '%00')
    .replace(/%(?!00)|\//g, encodeURIComponent);

export function keyText(key: SourceKey): string {
  return `${part(key.connection)}/${part(key.object)}/${part(key.id)}`;
}

export function parseKey(text: string): SourceKey {
  const [connection, object, id, ...rest] = text.split('/');
  if (connection === undefined || object === undefined || id === undefined || rest.length > 0)
    throw new Error(`not a source key: ${JSON.stringify(text)} (expected connection/object/id)`);
  return {
    connection: decodeURIComponent(connection),
    object: decodeURIComponent(object),
    id: decodeURIComponent(id),
  };
}

/**
 * What one tool's people (not the hub) last said of an attribute, and when. `value: null` is an edit that
 * cleared it. What the hub wrote into the tool is never an opinion, so an echo cannot outvote its own source.
 */
export interface Opinion {
  value: Value;
  at: string;
  /** Changed since the record was first seen; a first sight's time says little about each of its attributes. */
  edit?: true;
}
export type Opinions = Record<string, Opinion>;

/** A record of a tool in canonical attributes: the unit of matching and merging. */
export interface SourceRecord {
  key: string;
  entity: string;
  opinions: Opinions;
  /** Gone from the tool. Its opinions still count while another record of the golden record lives. */
  deleted: boolean;
}

/** Where a golden value comes from, and what lost against it (law 7). */
export interface Provenance {
  source: string;
  at: string;
  rule: string;
  losers: { source: string; at: string; value: Value }[];
}

export interface GoldenRecord {
  id: string;
  entity: string;
  values: Values;
  provenance: Record<string, Provenance>;
  /** Source keys of its live records. */
  records: string[];
  version: number;
  updatedAt: string;
}
