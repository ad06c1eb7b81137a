import { z } from '@hono/zod-openapi';
import { keysInUse } from '../../core/store/secrets.ts';
import { rotateKeys } from '../secrets/rotate.ts';
import { configuring, refusing } from './config.ts';
import { operation } from './frame/operation.ts';

const keys = operation({
  method: 'get',
  path: '/v1/config/keys',
  id: 'listKeys',
  summary: 'Lists the keys that have sealed secrets, by their ids',
  tag: 'Configuration',
  role: 'admin',
  problems: [501],
  answer: {
    description: 'Ids only: a key itself is nowhere but in NAYOSE_KEY.',
    schema: z
      .object({
        current: z
          .string()
          .nullable()
          .openapi({ description: 'What NAYOSE_KEY is; null: nothing can be sealed.' }),
        keys: z.array(z.object({ key: z.string(), secrets: z.int(), atHand: z.boolean() })),
      })
      .openapi('Keys'),
  },
  async handle(_, { deps }) {
    const { keys: ring } = configuring(deps);
    const rows = await keysInUse(deps.db());
    return {
      body: {
        current: ring[0]?.id ?? null,
        keys: rows.map(({ keyId, secrets }) => ({
          key: keyId,
          secrets,
          atHand: ring.some(({ id }) => id === keyId),
        })),
      },
    };
  },
});

const rotate = operation({
  method: 'post',
  path: '/v1/config/keys/rotate',
  id: 'rotateKeys',
  summary: 'Seals every secret anew with NAYOSE_KEY',
  description:
    'The server needs the new key as NAYOSE_KEY and the present one as NAYOSE_KEY_OLD. All are sealed anew, or none.',
  tag: 'Configuration',
  role: 'admin',
  problems: [422, 501],
  answer: {
    description: 'Done.',
    schema: z.object({ key: z.string(), resealed: z.int(), already: z.int() }).openapi('RotatedKeys'),
  },
  async handle(_, { deps }) {
    const { keys: ring } = configuring(deps);
    return { body: await refusing(() => rotateKeys(deps.db(), ring, deps.now())) };
  },
});

export const keyOperations = [keys, rotate];
