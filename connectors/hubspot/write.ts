import type { Context, Op, Outcome } from '../contract.ts';
import { archive } from './archive.ts';
import type { HubspotConfig } from './config.ts';
import { create } from './create.ts';
import { Ledger } from './ledger.ts';
import { merge } from './merge.ts';
import { schemaOf } from './schema.ts';
import { update } from './update.ts';

/**
 * Writes a batch; one outcome per key. Throws ConnectorError only when the call failed before any op was settled:
 * otherwise what is known stays known, and the rest carries the failure.
 */
export async function write(ctx: Context<HubspotConfig>, stream: string, ops: Op[]): Promise<Outcome[]> {
  const schema = await schemaOf(ctx, stream);
  const ledger = new Ledger();
  const kind = <K extends Op['op']>(name: K) =>
    ops.filter((op): op is Extract<Op, { op: K }> => op.op === name);
  await create(ctx, schema, kind('create'), ledger);
  await update(ctx, schema, kind('update'), ledger);
  await archive(ctx, schema, kind('delete'), ledger);
  await merge(ctx, schema, kind('merge'), ledger);
  return ledger.outcomes(ops.map(({ key }) => key));
}
