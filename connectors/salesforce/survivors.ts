import { ConnectorError, type Context, type Op, type Outcome } from '../contract.ts';
import type { SalesforceConfig } from './config.ts';
import { to18 } from './ids.ts';
import { query } from './records.ts';
import { systemFields } from './schema.ts';
import { fitting, quote } from './soql.ts';

/** Names the survivor of each record that turned out to be merged away: one query for a write that met any. */
export async function withSurvivors(
  ctx: Context<SalesforceConfig>,
  stream: string,
  ops: Op[],
  outcomes: Outcome[],
): Promise<Outcome[]> {
  const idOf = new Map(ops.flatMap((op) => ('id' in op ? [[op.key, to18(op.id)] as const] : [])));
  const gone = outcomes.filter(
    (one) => one.status === 'failed' && one.kind === 'gone' && one.id === undefined,
  );
  const ids = [...new Set(gone.flatMap((one) => idOf.get(one.key) ?? []))];
  if (ids.length === 0 || !(await systemFields(ctx, stream)).includes('MasterRecordId')) return outcomes;
  const soql = (literals: string[]) =>
    `SELECT Id, MasterRecordId FROM ${stream} WHERE IsDeleted = true AND Id IN (${literals.join(',')})`;
  const literals = ids.map(quote);
  const masters = new Map<string, string>();
  try {
    const { body } = await query(ctx, soql(literals.slice(0, fitting(soql, literals))), true);
    for (const { Id, MasterRecordId } of body.records)
      if (typeof Id === 'string' && typeof MasterRecordId === 'string')
        masters.set(to18(Id), to18(MasterRecordId));
  } catch (error) {
    // The outcomes are settled and must not be lost for want of a detail: the feed will tell of the merge.
    if (!(error instanceof ConnectorError)) throw error;
    ctx.log.warn(`salesforce: could not look up what ${stream} records were merged into: ${error.message}`);
  }
  return outcomes.map((one) => {
    const master = gone.includes(one) ? masters.get(idOf.get(one.key) ?? '') : undefined;
    return master === undefined ? one : ({ ...one, id: master } as Outcome);
  });
}
