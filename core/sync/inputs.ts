import type { MatchInput } from '../match/types.ts';
import type { Entity } from '../model/entity.ts';
import { isEmpty, type Values } from '../model/value.ts';
import type { Db } from '../store/db.ts';
import { goldensById } from '../store/goldens.ts';
import { goldenOfKeys, type MemberRecord } from '../store/records.ts';

/** The attributes of an entity that point to other records. */
export function referenceAttributes(entity: Entity): string[] {
  return Object.entries(entity.attributes)
    .filter(([, { type }]) => type === 'reference')
    .map(([name]) => name);
}

/** Every source key that these records' opinions point to. */
export function targetsOf(entity: Entity, records: readonly MemberRecord[]): string[] {
  const attributes = referenceAttributes(entity);
  const targets = records.flatMap((record) => attributes.map((name) => record.opinions[name]?.value));
  return [...new Set(targets.filter((value): value is string => typeof value === 'string'))];
}

/**
 * Records as matching sees them: what their own people said (never what the hub wrote, which would confirm itself),
 * with references as golden ids, and the company's name taken from its golden record where the record only points to it.
 */
export async function matchInputs(
  db: Db,
  entity: Entity,
  records: readonly MemberRecord[],
): Promise<{ inputs: MatchInput[]; goldenOf: Map<string, string> }> {
  const goldenOf = await goldenOfKeys(db, targetsOf(entity, records));
  const companies = await goldensById(db, [...new Set(goldenOf.values())]);
  const references = referenceAttributes(entity);
  const inputs = records.map((record) => {
    const values: Values = {};
    for (const [name, opinion] of Object.entries(record.opinions)) {
      if (isEmpty(opinion.value)) continue;
      const golden = references.includes(name) ? goldenOf.get(String(opinion.value)) : undefined;
      if (!references.includes(name)) values[name] = opinion.value;
      else if (golden !== undefined) {
        values[name] = golden;
        const company = companies.get(golden);
        if (
          company?.entity === 'company' &&
          'companyName' in entity.attributes &&
          !record.opinions.companyName
        )
          values.companyName = company.values.name ?? null;
      }
    }
    return { id: record.key, source: record.connection, values };
  });
  return { inputs, goldenOf };
}
