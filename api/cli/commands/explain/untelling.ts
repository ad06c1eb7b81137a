import type { Entity } from '../../../../core/model/entity.ts';
import type { Values } from '../../../../core/model/value.ts';
import { untelling } from '../../../../core/values/email.ts';

/** Lines for e-mail addresses that look alike and say nothing all the same, each once. `records`: what each shows. */
export function untellingLines(attributes: Entity['attributes'], records: readonly Values[]): string[] {
  const found = new Map<string, string>();
  for (const [name, { type }] of Object.entries(attributes))
    if (type === 'email')
      for (const { [name]: value } of records) {
        const why = typeof value === 'string' ? untelling(value) : undefined;
        if (why !== undefined) found.set(`${name} ${value}`, why);
      }
  return [...found].map(([what, why]) => `  ${what} ties no records together: ${why} (docs/matching.md).`);
}
