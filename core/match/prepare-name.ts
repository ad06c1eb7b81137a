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
export function personName(fields: Fields, values: Values, known: KnownNames): PreparedName | null {
  const ownFamily = about(known, first(values, fields.family));
  const ownGiven = about(known, first(values, fields.given));
  const ownFull = about(known, first(values, fields.full));
  if (says(ownFamily, 'role') || says(ownGiven, 'role') || says(ownFull, 'role'))
    return {
      family: null,
      given: null,
      maiden: null,
      whole: '',
      guessed: false,
      generation: '',
      kind: 'role',
    };
  if (!says(ownFamily, 'person') && !says(ownGiven, 'person') && !says(ownFull, 'person')) return null;
  let family = ownFamily?.text ?? '';
  let given = ownGiven?.text ?? '';
  let guessed = false;
  const fullText = ownFull?.text;
  // One field holding everything: the other left empty, or only a full name.
  const single = family !== '' && given !== '' ? undefined : (family || given || fullText)!;
  const lonely = single !== undefined && (family === '') !== (given === '') && fullText === undefined;
  if (single !== undefined && (!lonely || /\S\s+\S/u.test(single) || holdsWholeName(single))) {
    const split = splitFullName(fullText ?? single);
    if (split !== null) ({ family, given, guessed } = split);
  }
  const kana = kanaParts(fields, values);
  const f = wordOf(known, family, kana[0], ownFamily);
  const g = wordOf(known, given, kana[1], ownGiven);
  if (f === null && g === null) return null;
  return {
    family: f,
    given: g,
    maiden: ownFamily?.maiden ?? ownGiven?.maiden ?? ownFull?.maiden ?? null,
    whole: f === null || g === null ? '' : f.key <= g.key ? f.key + g.key : g.key + f.key,
    guessed,
    generation: ownFamily?.generation || ownGiven?.generation || ownFull?.generation || '',
    kind: 'person',
  };
}

const about = ({ texts }: KnownNames, text: string | undefined): NameText | undefined =>
  text === undefined ? undefined : texts(text, nameText);

const says = (field: NameText | undefined, kind: NameText['kind']): boolean => field?.kind === kind;

/** `own`: the field that most likely holds just this value, so that it need not be looked up again. */
function wordOf(
  known: KnownNames,
  value: string,
  kana: string | undefined,
  own: NameText | undefined,
): PreparedWord | null {
  if (value === '') return null;
  if (kana !== undefined) return known.words(`${value.length} ${value}${kana}`, () => makeWord(value, kana));
  const said = value === own?.text ? own : about(known, value)!;
  if (said.word === undefined) said.word = makeWord(value, undefined);
  return said.word;
}

type Kana = readonly [family: string | undefined, given: string | undefined];
const NO_KANA: Kana = [undefined, undefined];

function kanaParts(fields: Fields, values: Values): Kana {
  const family = first(values, fields.familyKana);
  const given = first(values, fields.givenKana);
  if (family !== undefined || given !== undefined) return [family, given];
  const full = first(values, fields.fullKana);
  if (full === undefined) return NO_KANA;
  const parts = fold(full).split(/[\s・,]+/u);
  return parts.length === 2 ? [parts[0], parts[1]] : NO_KANA;
}
