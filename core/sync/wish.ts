import type { Entity } from '../model/entity.ts';
import { sameValue, type Value } from '../model/value.ts';
import type { Db } from '../store/db.ts';
import { actsById, decisionsAbout } from '../store/decisions.ts';
import { edgesAmong } from '../store/matching.ts';
import { bundle } from './bonds.ts';
import { across, chain } from './contradictions.ts';
import type { Wish } from './decide.ts';
import { DecisionError } from './decisionError.ts';
import { madeByHub } from './leftovers.ts';
import { type Named, named, ownKeys, sameEntity } from './named.ts';
import type { StoredRecord } from './observe.ts';

/** A person's words. `a`, `b`: golden ids, which mean all their records, or source keys, which mean one. */
export type Asked =
  | { kind: 'link' | 'apart'; a: string; b: string }
  /** Takes `records` (source keys, or ids in their tools) out together, with the hub's copies of them; none named: each its own. */
  | { kind: 'split'; golden: string; records: readonly string[] }
  /** `value` is canonical; of a reference, a golden id or a source key. */
  | { kind: 'pin'; golden: string; attribute: string; value: Value }
  | { kind: 'unpin'; golden: string; attribute: string };

/** What these words come to. Reads only. Throws DecisionError where they mean nothing, or nothing that can be. */
export async function wishFor(tx: Db, entity: Entity, asked: Asked): Promise<Wish> {
  switch (asked.kind) {
    case 'link':
      return link(tx, asked.a, asked.b);
    case 'apart':
      return apart(tx, asked.a, asked.b);
    case 'split':
      return split(tx, asked.golden, asked.records);
    case 'pin':
      return pin(tx, entity, asked.golden, asked.attribute, asked.value);
    case 'unpin':
      return unpin(tx, entity, asked.golden, asked.attribute);
  }
}

const blank = (kind: Wish['kind'], entity: string, asked: string[], about: string[]): Wish => ({
  entity,
  kind,
  asked,
  about,
  links: [],
  aparts: [],
  ends: [],
  against: [],
  standing: [],
  tears: false,
});

async function link(tx: Db, a: string, b: string): Promise<Wish> {
  const [left, right] = [await named(tx, a), await named(tx, b)];
  const entity = sameEntity(left, right);
  const keys = [...new Set([...left.keys, ...right.keys])];
  if (keys.length < 2 || (left.whole && right.whole && left.golden.id === right.golden.id))
    throw new DecisionError('invalid', `${a} and ${b} are the same golden record already`, {
      hint: 'To hold two of its records together, name the records.',
    });
  const wish = blank('link', entity, [a, b], keys);
  return { ...wish, links: chain(keys), against: await rivalPins(tx, left, right) };
}

/** Two golden records that are pinned to different values: the older pin stands in the way. */
async function rivalPins(tx: Db, left: Named, right: Named) {
  if (left.golden.id === right.golden.id) return [];
  const pinsOf = async ({ records }: Named) => {
    const keys = new Set(records.map(({ key }) => key));
    return (await decisionsAbout(tx, [...keys])).filter(({ kind, a }) => kind === 'pin' && keys.has(a));
  };
  const theirs = await pinsOf(right);
  return (await pinsOf(left)).flatMap((pin) =>
    theirs
      .filter(
        (other) =>
          other.attribute === pin.attribute && !(sameValue(other.value, pin.value) && other.b === pin.b),
      )
      .map((other) => (other.at < pin.at ? other : pin)),
  );
}

async function apart(tx: Db, a: string, b: string): Promise<Wish> {
  const [left, right] = [await named(tx, a), await named(tx, b)];
  const entity = sameEntity(left, right);
  if (left.keys.some((key) => right.keys.includes(key)))
    throw new DecisionError(
      'invalid',
      a === b || (left.whole && right.whole)
        ? `${a} and ${b} are one golden record, ${left.golden.id}`
        : `${a} and ${b} have a record in common`,
      { hint: 'Name the two records to keep apart, or split the golden record.' },
    );
  return {
    ...blank('apart', entity, [a, b], [...left.keys, ...right.keys]),
    aparts: across([left.keys, right.keys]),
  };
}

async function split(tx: Db, id: string, words: readonly string[]): Promise<Wish> {
  const { golden, records } = await named(tx, id);
  const own = ownKeys(records);
  const out = [...new Set(words.map((word) => recordIn(golden.id, records, word)))];
  const parts = out.length > 0 ? await takenOut(tx, records, out) : await eachItsOwn(tx, records);
  if (parts.length < 2)
    throw new DecisionError(
      'invalid',
      own.length === 1
        ? `golden record ${golden.id} has only one record`
        : `golden record ${golden.id} has only one record of its own; the others are copies that the hub made of it`,
      own.length === 1
        ? {}
        : { hint: `To tear a copy out all the same, name it: ${own.slice(0, 5).join(', ')}` },
    );
  if (parts.some((part) => part.length === 0))
    throw new DecisionError(
      'invalid',
      out.length === own.length
        ? `these are all records of golden record ${golden.id}`
        : `the other records of golden record ${golden.id} are copies that the hub made of these`,
      {
        hint:
          out.length === own.length
            ? 'Name fewer; or none, and each becomes its own.'
            : `To tear a copy out all the same, name it: ${own.filter((key) => !out.includes(key)).join(', ')}`,
      },
    );
  return {
    ...blank('split', golden.entity, [golden.id, ...out], own),
    links: parts.flatMap(chain),
    aparts: across(parts),
    tears: true,
  };
}

function recordIn(golden: string, records: readonly StoredRecord[], word: string): string {
  const found = records.filter(({ key, extId }) => key === word || extId === word);
  if (found.length !== 1)
    throw new DecisionError(
      'unknown',
      found.length === 0
        ? `golden record ${golden} has no record ${word}`
        : `${found.length} records of golden record ${golden} have the id ${word}`,
      { hint: `Its records are ${ownKeys(records).join(', ')}` },
    );
  const { key, mergedInto } = found[0]!;
  if (mergedInto)
    throw new DecisionError('invalid', `${key} was merged into ${mergedInto} in its own tool`, {
      hint: 'No tool can undo its merge, so there is nothing to take out.',
    });
  return key;
}

/**
 * What stays, and what is named with the copies that the hub made of it. A copy that is named, or that a person has linked, has its
 * own place.
 */
async function takenOut(
  tx: Db,
  records: readonly StoredRecord[],
  out: readonly string[],
): Promise<string[][]> {
  const own = ownKeys(records);
  const said = (await decisionsAbout(tx, own)).filter(({ kind }) => kind === 'link');
  const acts = await actsById(
    tx,
    said.flatMap(({ act }) => act ?? []),
  );
  // An earlier split holds what it left together, copies too: that says nothing of whose they are.
  const links = said.filter(({ act }) => acts.get(act ?? '')?.kind !== 'split');
  const linked = (key: string) =>
    links.some(({ a, b }) => (a === key && !out.includes(b!)) || (b === key && !out.includes(a)));
  const stays = records
    .filter((record) => !out.includes(record.key) && (!madeByHub(record) || linked(record.key)))
    .map(({ key }) => key);
  const [, going] = await withCopies(tx, records, [stays, [...out]], new Set([...stays, ...out]));
  return [own.filter((key) => !going!.includes(key)), own.filter((key) => going!.includes(key))];
}

/** Every record that people made is a part; copies of the hub's making stay with the one they were made from. */
async function eachItsOwn(tx: Db, records: readonly StoredRecord[]): Promise<string[][]> {
  const own = new Set(ownKeys(records));
  const alone = records
    .filter((record) => !madeByHub(record) && Object.keys(record.opinions).length > 0)
    .map(({ key }) => [key]);
  return (await withCopies(tx, records, alone))
    .map((part) => part.filter((key) => own.has(key)))
    .filter((part) => part.length > 0);
}

/** Adds to each part the copies that the hub made of its records. What belongs to none of them follows as parts of its own. */
async function withCopies(
  tx: Db,
  records: readonly StoredRecord[],
  parts: readonly string[][],
  named: ReadonlySet<string> = new Set(),
): Promise<string[][]> {
  const edges = await edgesAmong(
    tx,
    records.map(({ key }) => key),
  );
  const silent = records.map((record) => (madeByHub(record) ? { ...record, opinions: {} } : record));
  return bundle(silent, edges, across(parts), named).complete(parts);
}

async function pinsIn(tx: Db, { records }: Named, attribute?: string) {
  const keys = new Set(records.map(({ key }) => key));
  return (await decisionsAbout(tx, [...keys])).filter(
    (one) =>
      one.kind === 'pin' && keys.has(one.a) && (attribute === undefined || one.attribute === attribute),
  );
}

async function pin(tx: Db, entity: Entity, id: string, attribute: string, value: Value): Promise<Wish> {
  const found = await named(tx, id);
  const definition = entity.attributes[attribute];
  if (!definition)
    throw new DecisionError('unknown', `${entity.name} has no attribute "${attribute}"`, {
      hint: `It has ${Object.keys(entity.attributes).join(', ')}`,
    });
  let target: string | null = null;
  if (definition.type === 'reference' && value !== null) {
    const other = await named(tx, String(value));
    if (other.golden.entity !== definition.entity)
      throw new DecisionError(
        'invalid',
        `${attribute} points to a ${definition.entity}, and ${String(value)} is a ${other.golden.entity}`,
      );
    target = anchorOf(other);
  }
  const wish = blank('pin', entity.name, [found.golden.id], [anchorOf(found)]);
  const before = await pinsIn(tx, found, attribute);
  const newest = before.at(-1);
  if (newest && newest.b === target && (target !== null || sameValue(newest.value, value)))
    return { ...wish, standing: [newest] };
  return {
    ...wish,
    against: before,
    pin: { anchor: anchorOf(found), attribute, value: target === null ? value : null, target },
  };
}

/** The record that a pin goes with, should they ever be parted: one that people made, and that lives. */
function anchorOf({ records, golden }: Named): string {
  const rank = (record: StoredRecord) =>
    (record.mergedInto ? 4 : 0) + (record.deleted ? 2 : 0) + (madeByHub(record) ? 1 : 0);
  const [first] = [...records].sort((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : 1));
  if (!first) throw new DecisionError('invalid', `golden record ${golden.id} has no record left`);
  return first.key;
}

async function unpin(tx: Db, entity: Entity, id: string, attribute: string): Promise<Wish> {
  const found = await named(tx, id);
  const ends = await pinsIn(tx, found, attribute);
  if (ends.length === 0) {
    const others = [...new Set((await pinsIn(tx, found)).map((one) => one.attribute))];
    throw new DecisionError('unknown', `${attribute} of ${found.golden.id} is not pinned`, {
      hint: others.length > 0 ? `Pinned are ${others.join(', ')}.` : 'Nothing of it is.',
    });
  }
  return {
    ...blank(
      'unpin',
      entity.name,
      [found.golden.id],
      ends.map(({ a }) => a),
    ),
    attribute,
    ends,
  };
}
