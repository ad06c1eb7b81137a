import type { Values } from '../model/value.ts';
import { fold } from '../values/fold.ts';
import { readingKey } from '../values/kana.ts';
import {
  holdsWholeName,
  maidenName,
  nameKind,
  namePart,
  readingsOf,
  splitFullName,
} from '../values/person-name.ts';
import { type Fields, first } from './fields.ts';
import { generationOf } from './mailbox.ts';
import type { Memo } from './memo.ts';
import type { PreparedName, PreparedWord } from './prepared.ts';

function makeWord(value: string, kana: string | undefined): PreparedWord | null {
  const part = namePart(value);
  if (part === null) return null;
  const reading = kana === undefined ? '' : readingKey(kana);
  // What is written in kana is sure; a romaji spelling beside it may be anyone's idea of it.
  const readings =
    reading === ''
      ? readingsOf(part)
      : part.script === 'han'
        ? [reading]
        : [...new Set([reading, ...readingsOf(part)])];
  return { key: part.key, script: part.script, readings, sure: part.script !== 'han' || reading !== '' };
}

/** What one field of a name says by itself. */
export interface NameText {
  text: string;
  kind: ReturnType<typeof nameKind>;
  maiden: string | null;
  generation: string;
  /** As a family or a given name, with no kana beside it; undefined: nobody has asked yet. */
  word: PreparedWord | null | undefined;
}

const nameText = (text: string): NameText => ({
  text,
  kind: nameKind(text),
  maiden: maidenName(text),
  generation: generationOf(text),
  word: undefined,
});

/** What is remembered of names: a list has far fewer of them than records. */
export interface KnownNames {
  texts: Memo<NameText>;
  words: Memo<PreparedWord | null>;
}

/** A person's name out of whichever fields hold it; null where none does. */
export function personName(
  fields: Fields,
  values: Values,
  { texts, words }: KnownNames,
): PreparedName | null {
  const about = (text: string | undefined) => (text === undefined ? undefined : texts(text, nameText));
  const [ownFamily, ownGiven, ownFull] = [
    about(first(values, fields.family)),
    about(first(values, fields.given)),
    about(first(values, fields.full)),
  ];
  /** `own`: the field that most likely holds just this value, so that it need not be looked up again. */
  const word = (value: string, kana: string | undefined, own: NameText | undefined) => {
    if (value === '') return null;
    if (kana !== undefined) return words(`${value.length} ${value}${kana}`, () => makeWord(value, kana));
    const known = value === own?.text ? own : about(value)!;
    if (known.word === undefined) known.word = makeWord(value, undefined);
    return known.word;
  };
  const [familyText, givenText, fullText] = [ownFamily?.text, ownGiven?.text, ownFull?.text];
  const said = [ownFamily, ownGiven, ownFull].filter((field) => field !== undefined);
  if (said.length === 0) return null;
  if (said.some(({ kind }) => kind === 'role'))
    return {
      family: null,
      given: null,
      maiden: null,
      whole: '',
      guessed: false,
      generation: '',
      kind: 'role',
    };
  if (said.every(({ kind }) => kind === 'placeholder')) return null;
  let [family, given, guessed] = [familyText ?? '', givenText ?? '', false];
  const maiden = said.find((text) => text.maiden !== null)?.maiden ?? null;
  // One field holding everything: the other left empty, or only a full name.
  const single = family !== '' && given !== '' ? undefined : (family || given || fullText)!;
  const lonely = single !== undefined && (family === '') !== (given === '') && fullText === undefined;
  if (single !== undefined && (!lonely || /\S\s+\S/u.test(single) || holdsWholeName(single))) {
    const split = splitFullName(fullText ?? single);
    if (split !== null) [family, given, guessed] = [split.family, split.given, split.guessed];
  }
  const kana = kanaParts(fields, values);
  const f = word(family, kana[0], ownFamily);
  const g = word(given, kana[1], ownGiven);
  if (f === null && g === null) return null;
  const whole = f === null || g === null ? '' : f.key <= g.key ? f.key + g.key : g.key + f.key;
  const generation = said.find((text) => text.generation !== '')?.generation ?? '';
  return { family: f, given: g, maiden, whole, guessed, generation, kind: 'person' };
}

function kanaParts(fields: Fields, values: Values): [string | undefined, string | undefined] {
  const family = first(values, fields.familyKana);
  const given = first(values, fields.givenKana);
  if (family !== undefined || given !== undefined) return [family, given];
  const full = first(values, fields.fullKana);
  if (full === undefined) return [undefined, undefined];
  const parts = fold(full).split(/[\s・,]+/u);
  return parts.length === 2 ? [parts[0], parts[1]] : [undefined, undefined];
}
