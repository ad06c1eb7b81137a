import type { Fields, Json } from '../connectors/contract.ts';
import type { Values } from '../core/model/value.ts';
import type { CompiledMapping, Problem } from './types.ts';

/** What a mapping makes of one record, and what it would write back if nothing else changed. */
export interface Preview {
  id: string;
  values: Values;
  problems: Problem[];
  /** Fields that writing the same record back would change: formatting, defaults, cut text. */
  changes: { field: string; from: Json; to: Json }[];
}

/** Applies a mapping to sample records. References are shown as source keys and written back as they were. */
export async function preview(
  mapping: CompiledMapping,
  samples: { id: string; fields: Fields }[],
): Promise<Preview[]> {
  const previews: Preview[] = [];
  for (const { id, fields } of samples) {
    const read = await mapping.in(fields);
    // Only what was read says anything about writing: attributes that are out only have no value here.
    const attributes = mapping.writeAttributes
      .map(({ attribute }) => attribute)
      .filter((name) => name in read.values);
    const back = await mapping.out(read.values, attributes, (_attribute, key) =>
      decodeURIComponent(key.split('/')[2] ?? ''),
    );
    previews.push({
      id,
      values: read.values,
      problems: [...read.problems, ...back.problems],
      changes: Object.entries(back.fields)
        .filter(([field, to]) => !mapping.sameField(field, fields[field], to))
        .map(([field, to]) => ({ field, from: fields[field] ?? null, to })),
    });
  }
  return previews;
}
