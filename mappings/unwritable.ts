import type { Stream } from '../connectors/contract.ts';
import type { MappingSpec } from './spec.ts';

/** Has a mapping fields that it writes? */
export const writesFields = ({ fields }: MappingSpec) =>
  Object.values(fields).some(({ direction }) => direction !== 'in');

/** How a stream could be written that a mapping has fields for, and that takes no writes; undefined: it takes them, or there are none. */
export function unwritableFix(
  spec: MappingSpec,
  { write, unlock }: Pick<Stream, 'write' | 'unlock'>,
): string | undefined {
  if (write !== false || !writesFields(spec)) return undefined;
  return unlock === undefined
    ? 'use mode: read in the sync'
    : `add ${unlock} under connections.${spec.connection} in hub.yaml; or, to have it only read, mode: read to its member of the sync`;
}
