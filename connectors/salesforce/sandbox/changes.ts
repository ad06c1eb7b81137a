/** Change Data Capture's event bus: an event for every change of a row, kept until retention ends. No HTTP here. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Json } from '../../contract.ts';
import { channelOf } from '../cdc.ts';
import { type Row, type RowChange, show, type Table, type World } from './world.ts';

export interface BusEvent {
  replayId: number;
  channel: string;
  data: { schema: string; payload: { [name: string]: Json }; event: { replayId: number } };
}

export interface EventBus {
  /** Of every channel, oldest first. */
  events: BusEvent[];
  /** Replay ids up to this one are no longer kept. */
  forgotten: number;
  /** Told of every event. */
  listeners: Set<() => void>;
  publish(
    stream: string,
    header: { changeType: string; recordIds: string[] } & Record<string, Json>,
    body?: Record<string, Json>,
  ): void;
  /** Ends the retention of all events so far. */
  forget(): void;
  /** What happens within tells nobody. */
  quietly<T>(work: () => T): T;
  /** The API client (`Sforce-Call-Options: client=…`) that everything within is done by. */
  asClient<T>(name: string | undefined, work: () => T): T;
}

const MOST_KEPT = 100_000;

const NESTED: Record<string, string[]> = {
  Name: ['Salutation', 'FirstName', 'LastName'],
  MailingAddress: ['MailingStreet', 'MailingCity', 'MailingState', 'MailingPostalCode', 'MailingCountry'],
  BillingAddress: ['BillingStreet', 'BillingCity', 'BillingState', 'BillingPostalCode', 'BillingCountry'],
};

export function eventBus(world: World): EventBus {
  const client = new AsyncLocalStorage<string | undefined>();
  let silent = false;
  // Ids rise, and leave gaps, as the real ones do.
  let replayId = 1000;
  let transaction = 0;
  const bus: EventBus = {
    events: [],
    forgotten: 0,
    listeners: new Set(),
    publish(stream, header, body = {}) {
      replayId += 1 + (transaction % 3);
      transaction += 1;
      const channel = channelOf(stream);
      const payload = {
        ...body,
        ChangeEventHeader: {
          entityName: stream,
          changeOrigin: '',
          changedFields: [],
          nulledFields: [],
          diffFields: [],
          commitUser: world.humanUser,
          commitNumber: 10_000_000_000 + replayId,
          commitTimestamp: world.now().getTime(),
          sequenceNumber: 1,
          transactionKey: `00000${transaction}-0000-0000-0000-000000000000`,
          ...header,
        },
      };
      bus.events.push({ replayId, channel, data: { schema: 'sandbox', payload, event: { replayId } } });
      if (bus.events.length > MOST_KEPT) {
        bus.events = bus.events.slice(MOST_KEPT / 2);
        bus.forgotten = bus.events[0]!.replayId - 1;
      }
      for (const listener of bus.listeners) listener();
    },
    forget() {
      bus.forgotten = replayId;
      bus.events = [];
    },
    quietly(work) {
      silent = true;
      try {
        return work();
      } finally {
        silent = false;
      }
    },
    asClient: (name, work) => client.run(name, work),
  };
  for (const table of world.tables.values())
    table.changed = (row, kind, fields, by) => {
      if (silent) return;
      const name = client.getStore();
      const byApi = by === world.apiUser;
      bus.publish(
        table.spec.name,
        {
          changeType: kind,
          recordIds: [row.id],
          changedFields: kind === 'UPDATE' ? fields : [],
          commitUser: by,
          changeOrigin: byApi
            ? `com/salesforce/api/rest/62.0${name === undefined ? '' : `;client=${name}`}`
            : '',
        },
        kind === 'DELETE' ? {} : shownIn(table, row, kind, fields),
      );
    };
  return bus;
}

/** The changed fields (of a new record: all that are filled), names and addresses nested. */
function shownIn(table: Table, row: Row, kind: RowChange, fields: string[]): Record<string, Json> {
  const body: Record<string, Json> = {};
  for (const name of fields) {
    const spec = table.spec.fields.get(name.toLowerCase());
    if (spec === undefined) continue;
    const value = show(row, spec);
    if (kind === 'CREATE' && value === null) continue;
    const nest = Object.keys(NESTED).find((one) => NESTED[one]!.includes(spec.name));
    if (nest === undefined) body[spec.name] = value;
    else
      body[nest] = {
        ...(body[nest] as object | undefined),
        [spec.name.replace(/^(Mailing|Billing)/, '')]: value,
      };
  }
  return body;
}
