import type { NewErasureTool } from '../../store/erasures.ts';
import type { Mapping } from '../ports.ts';

/** A record that the hub made of somebody who has been erased meanwhile. */
export const arrived = (erasure: string, { connection, object }: Mapping, extId: string): NewErasureTool => ({
  erasure,
  connection,
  object,
  extId,
  personal: false,
  state: 'queued',
  reason: 'it was being made when the erasure began',
});
