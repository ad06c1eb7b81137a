import { erasureById } from '../../core/store/erasures.ts';
import { type Erased, erase } from '../../core/sync/erase/erase.ts';
import { type Receipt, receiptsOf } from '../../core/sync/erase/receipt.ts';
import { eraseInTools } from '../../core/sync/erase/tools.ts';
import { erasingRules, erasingStreams } from './erasing.ts';
import type { Hub } from './hub.ts';

/** How long whoever asks waits for the tools; what they have not confirmed by then stays queued. */
const WAIT_MS = 20_000;

/** Forgets a golden record here and, as far as they answer now, in its tools. Throws DecisionError. */
export async function eraseNow(hub: Hub, id: string, by: string, signal: AbortSignal): Promise<Erased> {
  const { engine, config } = hub;
  const erased = await erase(engine, erasingRules(config), id, { by });
  const soon = AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)]);
  await eraseInTools(engine, erasingStreams(hub), soon);
  // An id that was personal is told once more: in the end the hub forgets it.
  const before = new Map(erased.tools.map((tool, i) => [i, tool.id]));
  const receipt = await receiptNow(hub, erased.id);
  const tools = receipt!.tools.map((tool, i) => ({ ...tool, id: tool.id ?? before.get(i) ?? null }));
  return { ...receipt!, tools, alike: erased.alike };
}

/** undefined: nothing was erased under this golden id. */
export async function receiptNow(hub: Hub, id: string): Promise<Receipt | undefined> {
  const row = await erasureById(hub.store.db, id);
  return row && (await receiptsOf(hub.store.db, hub.config.mappings, [row]))[0];
}
