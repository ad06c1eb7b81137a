import { z } from '@hono/zod-openapi';
import {
  type DeliveryKey,
  retryDelivery,
  type StuckDelivery,
  stuckPage,
} from '../../core/store/deliveries.ts';
import {
  disabledEndpoints,
  type ListedMessage,
  messagePage,
  retryMessage,
} from '../../core/store/messages.ts';
import type { HubConfig } from '../config/types.ts';
import { hubOf } from './deps.ts';
import { operation } from './frame/operation.ts';
import { PAGE, page, pageOf, readCursor, writeCursor } from './frame/paging.ts';
import { notFound, Refusal } from './frame/refusal.ts';
import { TIME } from './shapes.ts';

const STATES = ['pending', 'sending', 'sent', 'dead', 'waiting', 'unknown', 'held'] as const;

const DELIVERY = z
  .object({
    id: z.string(),
    kind: z.enum(['message', 'write']).openapi({
      description: 'A message to a webhook, or a write to a tool.',
    }),
    connection: z.string(),
    golden: z.string(),
    state: z.enum(STATES).openapi({
      description:
        'Messages: pending, sending, sent, dead (given up). Writes: pending (tried again), waiting (for another record), sending, unknown (no answer came), held (refused).',
    }),
    attempts: z.int(),
    dueAt: TIME,
    createdAt: TIME,
    error: z.string().nullable(),
    type: z.string().optional().openapi({ description: 'Of a message: `alert.hot-lead`.' }),
    format: z.enum(['standard', 'slack', 'teams']).optional(),
    object: z.string().optional().openapi({ description: 'Of a write: the tool’s object.' }),
    op: z.enum(['create', 'update', 'delete']).optional(),
    tries: z
      .array(
        z.object({
          at: TIME,
          ms: z.int(),
          status: z.int().nullable().openapi({ description: 'null: no answer came.' }),
          error: z.string().nullable(),
        }),
      )
      .optional()
      .openapi({ description: 'Of a message: every try, oldest first. Bodies are not kept here.' }),
    disabled: z.string().optional().openapi({ description: 'Why nothing is sent to its endpoint any more.' }),
  })
  .openapi('Delivery');

type Delivery = z.input<typeof DELIVERY>;

const PLACE = z.strictObject({ at: z.iso.datetime(), id: z.string() });
const KEY = z.tuple([z.string(), z.string(), z.string()]);
const MESSAGE_ID = /^msg_/;

const idOfWrite = ({ goldenId, mapping, target }: DeliveryKey) => writeCursor([goldenId, mapping, target]);

const list = operation({
  method: 'get',
  path: '/v1/deliveries',
  id: 'listDeliveries',
  summary: 'Lists what is sent to the outside',
  description:
    'Messages to webhooks with the log of their tries, newest first; with `kind=write`, the writes to tools that have not arrived.',
  tag: 'Deliveries',
  role: 'viewer',
  query: {
    ...PAGE,
    kind: z.enum(['message', 'write']).default('message'),
    state: z.enum(STATES).optional(),
    connection: z.string().max(200).optional(),
  },
  answer: { description: 'A page.', schema: pageOf(DELIVERY, 'DeliveryPage') },
  async handle({ query: { cursor, limit, kind, state, connection } }, { deps }) {
    const { config } = hubOf(deps);
    if (kind === 'write') {
      const from = readCursor(cursor, KEY);
      const mappings = Object.values(config.mappings)
        .filter((spec) => connection === undefined || spec.connection === connection)
        .map(({ name }) => name);
      const after = from && { goldenId: from[0], mapping: from[1], target: from[2] };
      const rows = await stuckPage(deps.db(), { mappings, state }, after, limit + 1);
      return {
        body: page(
          rows,
          limit,
          ({ goldenId, mapping, target }) => [goldenId, mapping, target],
          (row) => showWrite(config, row),
        ),
      };
    }
    const after = readCursor(cursor, PLACE);
    const rows = await messagePage(deps.db(), { state, connection }, after, limit + 1);
    const disabled = await reasons(deps.db());
    return {
      body: page(
        rows,
        limit,
        ({ createdAt, id }) => ({ at: createdAt, id }),
        (row) => showMessage(row, disabled),
      ),
    };
  },
});

const retry = operation({
  method: 'post',
  path: '/v1/deliveries/{id}/retry',
  id: 'retryDelivery',
  summary: 'Sends a delivery again',
  description:
    'It is due at once, with all its tries before it. A message keeps its webhook-id; one whose endpoint was disabled enables it.',
  tag: 'Deliveries',
  role: 'operator',
  params: { id: z.string().min(1).max(2000) },
  problems: [404],
  answer: { status: 202, description: 'It is due.', schema: z.object({ id: z.string(), dueAt: TIME }) },
  async handle({ params: { id } }, { deps }) {
    const now = deps.now().toISOString();
    const { engine } = hubOf(deps);
    const found = MESSAGE_ID.test(id)
      ? await retryMessage(deps.db(), id, now)
      : await retryDelivery(deps.db(), writeOf(id), now);
    if (!found)
      throw notFound('delivery', 'It has arrived, or is on its way just now. GET /v1/deliveries lists them.');
    engine.told?.();
    return { body: { id, dueAt: now } };
  },
});

export const deliveryOperations = [list, retry];

function writeOf(id: string): DeliveryKey {
  const key = /^[\w-]+$/.test(id) ? readKey(id) : undefined;
  if (!key) throw notFound('delivery', 'GET /v1/deliveries lists them.');
  return { goldenId: key[0], mapping: key[1], target: key[2] };
}

/** An id that is none of ours is of no delivery. */
function readKey(id: string): z.output<typeof KEY> | undefined {
  try {
    return readCursor(id, KEY);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

async function reasons(db: Parameters<typeof disabledEndpoints>[0]): Promise<Map<string, string>> {
  return new Map((await disabledEndpoints(db)).map(({ connection, reason }) => [connection, reason]));
}

function showMessage(row: ListedMessage, disabled: ReadonlyMap<string, string>): Delivery {
  const { id, connection, goldenId, state, attempts, dueAt, createdAt, error, type, format, tries } = row;
  const reason = disabled.get(connection);
  return {
    id,
    kind: 'message',
    connection,
    golden: goldenId,
    state,
    attempts,
    dueAt,
    createdAt,
    error,
    type,
    format,
    tries,
    ...(reason === undefined ? {} : { disabled: reason }),
  };
}

function showWrite(config: HubConfig, row: StuckDelivery): Delivery {
  const { connection, object } = config.mappings[row.mapping]!;
  const { goldenId, state, attempts, dueAt, createdAt, op, error } = row;
  return {
    id: idOfWrite(row),
    kind: 'write',
    connection,
    golden: goldenId,
    state,
    attempts,
    dueAt,
    createdAt,
    error: error?.message ?? null,
    object,
    op,
  };
}
