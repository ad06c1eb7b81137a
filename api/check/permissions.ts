import { ConnectorError } from '../../connectors/contract.ts';
import type { HubConfig } from '../config/types.ts';
import { type Reported, specsOf } from './mappings.ts';
import type { Probe } from './probe.ts';

/** Permissions that syncs need and the connection lacks, where only the tool's own word on its token tells. */
export async function lacking(
  config: HubConfig,
  probes: readonly Probe[],
  signal: AbortSignal,
): Promise<Reported[]> {
  const findings: Reported[] = [];
  for (const { check, tool } of probes) {
    if (check.state !== 'ok' || !tool.connector.lacks) continue;
    const specs = specsOf(config, check.name);
    const wanted = [...new Set(specs.map(({ spec }) => spec.object))].map((stream) => ({
      stream,
      read: specs.some(({ spec, read }) => spec.object === stream && read),
      write: specs.some(({ spec, write }) => spec.object === stream && write),
    }));
    const ctx = tool.context(signal);
    try {
      for (const { stream, what, message, fix } of await tool.connector.lacks(ctx, wanted))
        for (const { spec, read, write } of specs)
          if (spec.object === stream && (what === 'read' ? read : write))
            findings.push({
              connection: check.name,
              mapping: spec.name,
              object: stream,
              kind: 'permission',
              severity: 'error',
              message: `${stream} cannot be ${what === 'read' ? 'read' : 'written'}: ${message}`,
              fix,
              place: spec.places.object,
            });
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      ctx.log.info('the tool does not tell what its token may do', {
        connection: check.name,
        error: error.message,
      });
    }
  }
  return findings;
}
