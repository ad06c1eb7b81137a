import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import type { Inbound, Vault } from '../../../connectors/contract.ts';
import { webhookConfig } from '../../../connectors/webhook/config.ts';
import { webhook } from '../../../connectors/webhook/index.ts';
import { postMessage } from '../../../connectors/webhook/message.ts';
import { rotateSecret } from '../../../connectors/webhook/rotation.ts';

const secretOf = (text: string) => `whsec_${btoa(text)}`;
const FIRST = secretOf('the first secret of all');
const HOUR = 3_600_000;

function rig(secret = FIRST, vault = memoryVault()) {
  let at = Date.parse('2026-06-01T00:00:00Z');
  let count = 0;
  const config = webhookConfig.parse({ secret, url: 'https://sales.example/in' });
  const now = () => new Date(at);
  const log = { debug() {}, info() {}, warn: (text: string) => void warned.push(text) };
  const warned: string[] = [];
  const signal = new AbortController().signal;
  const ctx = { config, now, vault, log, signal, fetch: () => Promise.reject(new Error('no network')) };
  return {
    vault,
    warned,
    later: (ms: number) => {
      at += ms;
    },
    rotate: async (overlap: number) =>
      (await rotateSecret(ctx, overlap, new Uint8Array(32).fill(++count))).secret,
    /** Is what this secret signs believed? */
    believes(by: string) {
      const body = '{"id":1}';
      const headers = {
        'webhook-id': 'm1',
        'webhook-timestamp': String(Math.floor(at / 1000)),
        'webhook-signature': new Webhook(by).sign('m1', now(), body),
      };
      const request: Inbound = {
        method: 'POST',
        url: 'https://hub.example/hooks/sales',
        headers,
        body: new TextEncoder().encode(body),
      };
      return webhook.hook!.verify(request, ctx);
    },
    /** Which of these secrets a message that is sent now can be checked by. */
    async signedBy(...secrets: string[]) {
      let sent: { headers: Headers; body: string } | undefined;
      await postMessage({
        config,
        vault,
        message: { id: 'm2', format: 'standard', body: '{}' },
        now,
        signal,
        lookup: async () => ['93.184.216.34'],
        fetch: async (_, init) => {
          sent = { headers: new Headers(init!.headers), body: String(init!.body) };
          return new Response(null, { status: 204 });
        },
      });
      const signatures = sent!.headers.get('webhook-signature')!.split(' ');
      return secrets.map((one) => signatures.includes(new Webhook(one).sign('m2', now(), sent!.body)));
    },
  };
}

function memoryVault(): Vault & { kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    get: async (name) => kept.get(name),
    put: async (name, value) => void kept.set(name, value),
  };
}

test('a new secret counts at once; the one before it until the overlap is over, in and out', async () => {
  const it = rig();
  expect(await it.believes(FIRST)).toBe(true);
  const second = await it.rotate(24 * HOUR);
  expect([await it.believes(FIRST), await it.believes(second)]).toEqual([true, true]);
  expect(await it.signedBy(FIRST, second)).toEqual([true, true]);
  it.later(24 * HOUR - 1);
  expect(await it.believes(FIRST)).toBe(true);
  it.later(1);
  expect([await it.believes(FIRST), await it.believes(second)]).toEqual([false, true]);
  expect(await it.signedBy(FIRST, second)).toEqual([false, true]);
});

test('rotated again within the overlap, all three count, each until its own end; without overlap only the newest', async () => {
  const it = rig();
  const second = await it.rotate(24 * HOUR);
  it.later(HOUR);
  const third = await it.rotate(HOUR);
  expect(await it.signedBy(FIRST, second, third)).toEqual([true, true, true]);
  it.later(HOUR);
  expect(await it.signedBy(FIRST, second, third)).toEqual([true, false, true]);
  const fourth = await it.rotate(0);
  expect([await it.believes(third), await it.believes(fourth)]).toEqual([false, true]);
});

test('another secret in hub.yaml ends what was rotated; what cannot be read is told, and hub.yaml counts', async () => {
  const it = rig();
  const second = await it.rotate(HOUR);
  const other = secretOf('another one in hub.yaml now');
  const anew = rig(other, it.vault);
  expect([await anew.believes(other), await anew.believes(second)]).toEqual([true, false]);
  it.vault.kept.set('signing', 'torn');
  expect([await it.believes(FIRST), await it.believes(second)]).toEqual([true, false]);
  expect(it.warned).toHaveLength(2);
});
