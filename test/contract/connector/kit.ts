/**
 * The contract that every connector passes, whatever its tool. A property that does not hold for a tool is
 * declared with its reason (`gaps`) and must then fail: a gap that has closed is a failure too.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Harness, Rig } from './harness.ts';
import { hookProperties } from './hook.ts';
import { goOffline } from './offline.ts';
import { readProperties } from './reading.ts';
import { failureProperties, writeProperties } from './writing.ts';

/** Registers one property as a test: given a fresh tool, it throws when the property does not hold. */
export type Property<C> = (name: string, holds: (rig: Rig<C>) => Promise<void>) => void;

export function connectorKit<C>(name: string, harness: Harness<C>): void {
  describe(`connector kit: ${name}`, () => {
    let rig: Rig<C>;
    let offline: ReturnType<typeof goOffline>;
    const known = new Set<string>();

    beforeEach(() => {
      offline = goOffline();
      rig = new Rig(harness);
    });
    afterEach(() => {
      offline.restore();
      rig.tool.close?.();
      expect(offline.attempts).toEqual([]);
    });

    const property: Property<C> = (what, holds) => {
      known.add(what);
      const reason = harness.gaps?.[what];
      if (reason === undefined) test(what, () => holds(rig));
      else test.fails(`${what} (gap: ${reason})`, () => holds(rig));
    };

    property('the stream is described, and only it when only it is asked for', async () => {
      const streams = await harness.connector.discover(rig.context(), [harness.stream]);
      expect(streams.map((stream) => stream.name)).toEqual([harness.stream]);
      const [stream] = streams;
      const names = stream!.fields.map((field) => field.name);
      expect(new Set(names).size).toBe(names.length);
      if (!stream!.open) expect(names).toEqual(expect.arrayContaining(rig.fields));
      if (stream!.read) expect(harness.connector.read).toBeTypeOf('function');
      if (stream!.write) expect(harness.connector.write).toBeTypeOf('function');
      if (stream!.write) expect(stream!.write.maxBatch).toBeGreaterThan(0);
      if (harness.network !== false && stream!.read) expect(rig.calls).toBeGreaterThan(0);
    });

    test('an unknown word in the configuration is refused', () => {
      const config = { ...(rig.tool.config as object), thisIsNoOption: 1 };
      expect(harness.connector.config.safeParse(config).success).toBe(false);
    });

    if (harness.connector.read) readProperties(harness, property);
    if (harness.connector.write) writeProperties(harness, property);
    if (harness.network !== false) failureProperties(harness, property);
    if (harness.hook) hookProperties(harness, harness.hook, property);

    test('every declared gap is a property of the kit', () => {
      expect([...known]).toEqual(expect.arrayContaining(Object.keys(harness.gaps ?? {})));
    });
  });
}
