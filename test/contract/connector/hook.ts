import { expect } from 'vitest';
import type { Inbound } from '../../../connectors/contract.ts';
import type { Harness, Rig } from './harness.ts';
import type { Property } from './kit.ts';

const SPOILED: [string, (genuine: Inbound) => Inbound][] = [
  [
    'another body',
    (it) => ({ ...it, body: new TextEncoder().encode(`${new TextDecoder().decode(it.body)} `) }),
  ],
  ['no body', (it) => ({ ...it, body: new Uint8Array() })],
  ['no headers', (it) => ({ ...it, headers: {} })],
  [
    'every header a digit off',
    (it) => ({
      ...it,
      headers: Object.fromEntries(
        Object.entries(it.headers).map(([name, value]) => [
          name,
          value.replace(/\d/g, (d) => String((Number(d) + 1) % 10)),
        ]),
      ),
    }),
  ],
];

export function hookProperties<C>(
  harness: Harness<C>,
  hook: NonNullable<Harness<C>['hook']>,
  property: Property<C>,
): void {
  const verify = (rig: Rig<C>, request: Inbound) => harness.connector.hook!.verify(request, rig.context());

  property('a genuine hook is accepted, and names a record', async (rig) => {
    const request = await hook.genuine(rig.clock.now());
    expect(await verify(rig, request)).toBe(true);
    const changes = harness.connector.hook!.parse(request, rig.context());
    expect(changes.length).toBeGreaterThan(0);
    for (const change of changes)
      expect(change).toMatchObject({ stream: harness.stream, id: expect.any(String) });
  });

  property('a tampered hook is refused', async (rig) => {
    const genuine = await hook.genuine(rig.clock.now());
    for (const [what, spoil] of SPOILED)
      expect([what, await verify(rig, spoil(genuine))]).toEqual([what, false]);
    expect(await verify(rig, await hook.forged(rig.clock.now()))).toBe(false);
  });

  property('a stale hook is refused, and so is one replayed later', async (rig) => {
    const now = rig.clock.now().getTime();
    expect(await verify(rig, await hook.genuine(new Date(now - 3600_000)))).toBe(false);
    expect(await verify(rig, await hook.genuine(new Date(now + 3600_000)))).toBe(false);
  });

  property('a hook whose body makes no sense is rejected by name', async (rig) => {
    const genuine = await hook.genuine(rig.clock.now());
    for (const body of ['', 'null', '{"', '[1]', 'text']) {
      const request = { ...genuine, body: new TextEncoder().encode(body) };
      expect(() => harness.connector.hook!.parse(request, rig.context())).toThrow(
        expect.objectContaining({ kind: 'rejected' }),
      );
    }
  });
}
