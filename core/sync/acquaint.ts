import { askRescan } from '../store/cursors.ts';
import {
  forgetAttributes,
  type KnownMapping,
  knownMappings,
  releaseMappings,
  renameMapping,
  saveKnownMappings,
} from '../store/mappings.ts';
import type { Engine, Member, Sync } from './ports.ts';

/**
 * Called when a run starts: what has changed since the mappings of the sync last ran is acted upon. A mapping, or the tool's
 * schema of what it names: what was held or refused is tried again. The fields of an attribute: it is read as if for the first
 * time. The mapping's name: what is wanted under the old one goes on.
 */
export async function acquaint(engine: Engine, sync: Sync): Promise<void> {
  await engine.db.transaction(async (tx) => {
    const now = engine.now().toISOString();
    const known = new Map((await knownMappings(tx)).map((row) => [row.mapping, row]));
    const current = sync.members.map(describe);
    const changed: string[] = [];
    for (const row of current) {
      let before = known.get(row.mapping);
      if (!before) {
        before = [...known.values()].find((old) => isRenamed(engine, old, row));
        if (!before) continue;
        await renameMapping(tx, before.mapping, row.mapping);
        known.delete(before.mapping);
      }
      if (before.outward !== row.outward || before.schema !== row.schema) changed.push(row.mapping);
      const moved = Object.keys(row.sources).filter(
        (attribute) =>
          before.sources[attribute] !== undefined && before.sources[attribute] !== row.sources[attribute],
      );
      row.sources = { ...before.sources, ...row.sources };
      if (moved.length === 0) continue;
      await forgetAttributes(tx, row, moved);
      await askRescan(tx, row.mapping);
    }
    if (changed.length > 0) await releaseMappings(tx, changed, now);
    const news = current.filter((row) => JSON.stringify(row) !== JSON.stringify(known.get(row.mapping)));
    await saveKnownMappings(tx, news, now);
  });
}

const isRenamed = (engine: Engine, old: KnownMapping, row: KnownMapping) =>
  old.connection === row.connection &&
  old.object === row.object &&
  old.entity === row.entity &&
  engine.isMapping !== undefined &&
  !engine.isMapping(old.mapping);

function describe({ mapping, stream }: Member): KnownMapping {
  const written = mapping.writeAttributes.flatMap(({ fields }) => fields);
  const named = new Set([...mapping.readFields, ...written]);
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  const schema = stream.fields
    .filter(({ name, required }) => required || named.has(name))
    .sort(byName)
    .map(({ name, type, length, options, required, writable, unique }) => [
      name,
      type,
      length ?? null,
      options?.map(({ value }) => value).sort() ?? null,
      required,
      writable,
      unique,
    ]);
  return {
    mapping: mapping.name,
    connection: mapping.connection,
    object: mapping.object,
    entity: mapping.entity.name,
    sources: Object.fromEntries(
      Object.entries(mapping.sources ?? {}).map(([attribute, fields]) => [
        attribute,
        [...fields].sort().join(' '),
      ]),
    ),
    outward: mapping.revision ?? JSON.stringify([mapping.readFields, mapping.writeAttributes]),
    schema: JSON.stringify(schema),
  };
}
