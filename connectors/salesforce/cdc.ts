/** Change Data Capture: what Salesforce says of changed records, and what that is to the hub. */
import { z } from 'zod';
import type { Change, Missed } from '../contract.ts';
import { isId, to18 } from './ids.ts';

const Header = z.object({
  entityName: z.string(),
  /** CREATE, UPDATE, DELETE, UNDELETE; with GAP_ in front where Salesforce could not say more; GAP_OVERFLOW. */
  changeType: z.string(),
  recordIds: z.array(z.string()),
  changeOrigin: z.string().nullish(),
  commitTimestamp: z.number(),
});

/** What tells a place in the feed, whatever else an event says. */
export const Replayable = z.object({ event: z.object({ replayId: z.int() }) });

/** The record's own values are not read: they may be partial, nested and old by now, and the record is looked at anyway. */
export const ChangeEvent = z.object({ payload: z.object({ ChangeEventHeader: Header }) });
export type ChangeEvent = z.infer<typeof ChangeEvent>;

/** `Contact` → `/data/ContactChangeEvent`, `Order__c` → `/data/Order__ChangeEvent`. */
export function channelOf(stream: string): string {
  return `/data/${stream.endsWith('__c') ? `${stream.slice(0, -3)}__` : stream}ChangeEvent`;
}

/**
 * Every event is a hint to look, deletions too: a merge deletes its loser, and the look tells which it was. One look
 * at a record is enough for all its events. Our own writes' echoes are dropped, where `clientName` tells them.
 */
export function changesOf(
  events: readonly ChangeEvent[],
  clientName: string | undefined,
): { changes: Change[]; missed: Missed[] } {
  const changes = new Map<string, Change>();
  const missed = new Map<string, Missed>();
  const miss = (stream: string, all: boolean) =>
    missed.set(stream, { stream, all: all || (missed.get(stream)?.all ?? false) });
  for (const { payload } of events) {
    const {
      entityName: stream,
      changeType,
      recordIds,
      changeOrigin,
      commitTimestamp,
    } = payload.ChangeEventHeader;
    // More changes in one transaction than Salesforce tells one by one. They carry new stamps, so a cursor finds them.
    if (changeType === 'GAP_OVERFLOW') miss(stream, false);
    else if (!isEcho(changeOrigin, clientName))
      for (const id of recordIds) {
        // `003*`: a field's type was converted for all records, and no stamp tells.
        if (!isId(id)) miss(stream, true);
        else
          changes.set(`${stream}/${to18(id)}`, {
            stream,
            id: to18(id),
            at: new Date(commitTimestamp).toISOString(),
            op: 'touch',
            ...(/^(GAP_)?DELETE$/.test(changeType) ? { deleted: true } : {}),
          });
      }
  }
  return { changes: [...changes.values()], missed: [...missed.values()] };
}

/** `com/salesforce/api/rest/62.0;client=nayose` */
const isEcho = (origin: string | null | undefined, clientName: string | undefined) =>
  clientName !== undefined && origin?.split(';').includes(`client=${clientName}`) === true;
