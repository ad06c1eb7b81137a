import type { Entity } from '../../../../core/model/entity.ts';
import { isEmpty, sameValue, type Value } from '../../../../core/model/value.ts';
import type { DoubtSide, Shown } from '../../../runtime/doubts.ts';
import { table } from '../../out.ts';
import { signed } from '../explain/bits.ts';
import { doubtWords } from '../explain/doubtWords.ts';
import { untellingLines } from '../explain/untelling.ts';

export interface ShownDoubt {
  entity: string;
  a: DoubtSide & Shown;
  b: DoubtSide & Shown;
  weight: number;
  reason: string;
}

/** What is read beside a doubt: the entity's attributes, and the bits from which two records are linked. */
export interface Yardstick {
  attributes: Entity['attributes'];
  link: number;
}

/** Doubts side by side: what either tool shows, and whether it is the same. `open`: how many wait in all. */
export function doubtsText(
  doubts: readonly ShownDoubt[],
  open: number,
  yardstickOf: (entity: string) => Yardstick,
): string {
  if (doubts.length === 0) return 'No doubt waits for anybody.';
  const most =
    open > doubts.length
      ? `The ${doubts.length} of ${open} doubtful pairs of which a decision teaches most.`
      : `${open} doubtful ${open === 1 ? 'pair waits' : 'pairs wait'} for a person.`;
  return [
    most,
    ...doubts.map((doubt) => doubtText(doubt, yardstickOf(doubt.entity))),
    `Answer each: nayose reviews A B --link (one), --apart (two) or --later, with A and B as above.`,
  ].join('\n\n');
}

function doubtText({ entity, a, b, weight, reason }: ShownDoubt, { attributes, link }: Yardstick): string {
  return [
    `${entity}, ${signed(weight)} bits: ${doubtWords(reason, weight >= link)}`,
    sideBySide(attributes, a, b),
  ].join('\n');
}

/** What either tool shows of two records, attribute by attribute, and what of it says nothing. */
export function sideBySide(
  attributes: Entity['attributes'],
  a: { record: string } & Shown,
  b: { record: string } & Shown,
): string {
  const names = Object.keys(attributes).filter(
    (name) => !isEmpty(a.values[name] ?? null) || !isEmpty(b.values[name] ?? null),
  );
  const rows = names.map((name) => {
    const [left, right] = [a.values[name] ?? null, b.values[name] ?? null];
    const cell = (value: Value, { copied }: Shown) => `${word(value)}${copied.includes(name) ? ' *' : ''}`;
    return [name, cell(left, a), sameValue(left, right) ? '=' : '', cell(right, b)];
  });
  return [
    table(['', a.record, '', b.record], rows),
    ...(a.copied.length + b.copied.length > 0
      ? ['  * written there by the hub, so it tells nothing of who this is.']
      : []),
    ...untellingLines(attributes, [a.values, b.values]),
  ].join('\n');
}

const LONGEST = 40;

/** A value in a cell: one line, cut where it is long. */
function word(value: Value): string {
  if (isEmpty(value)) return '';
  const text = (Array.isArray(value) ? value.join('; ') : String(value)).replace(/\s+/gu, ' ');
  const letters = [...text];
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join('')}…` : text;
}
