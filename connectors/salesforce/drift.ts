import { ConnectorError, type Context } from '../contract.ts';
import type { SalesforceConfig } from './config.ts';
import { fieldsOf, type Refused, refusals } from './failures.ts';
import { describe } from './schema.ts';

export interface Without<T> {
  answer: T;
  /** Fields that the object no longer has, or that the user may no longer see. */
  lacking: string[];
}

/**
 * Schemas drift while we run: one deleted (or hidden) field would refuse every query that names it. The object is described
 * anew, and what it lacks is left out. Throws what `ask` throws where that is not the reason.
 */
export async function withoutLacking<T>(
  ctx: Context<SalesforceConfig>,
  stream: string,
  fields: string[],
  ask: (fields: string[]) => Promise<T>,
): Promise<Without<T>> {
  const lacking: string[] = [];
  for (let described = false; ; described = true) {
    try {
      return { answer: await ask(fields.filter((name) => !lacking.includes(name))), lacking };
    } catch (error) {
      const refused = error instanceof ConnectorError ? refusals(error.cause) : [];
      if (!refused.some(({ code }) => code === 'INVALID_FIELD')) throw error;
      const found = (described ? [] : await notDescribed(ctx, stream, fields)).concat(
        farOff(fields, refused),
      );
      const more = found.filter((name) => !lacking.includes(name));
      if (more.length === 0) throw error;
      lacking.push(...more);
      ctx.log.warn(`salesforce: ${stream} has no ${more.join(', ')} any more, or its user may not see it`);
    }
  }
}

async function notDescribed(ctx: Context<SalesforceConfig>, stream: string, fields: string[]) {
  const known = new Set((await describe(ctx, stream)).fields.map(({ name }) => name.toLowerCase()));
  return fields.filter((name) => !name.includes('.') && !known.has(name.toLowerCase()));
}

/** Of another object, through a relationship: only the refusal tells which. */
function farOff(fields: string[], refused: Refused[]): string[] {
  const named = fieldsOf(refused);
  return fields.filter((name) => name.includes('.') && named.includes(name.split('.').at(-1)!));
}
