import { bigKana, halfKana, hiragana, plainKana, romaji } from '../kana.ts';
import { GIVEN_FEMALE, GIVEN_MALE, type JapaneseName, SURNAMES } from '../pools/japanese-names.ts';
import { NICKNAMES } from '../pools/western-names.ts';
import type { Random } from '../random.ts';
import { capital, fullWidth, oldKanji, spacedLetters, umlautsSpelt, withoutAccents } from '../text.ts';
import type { TruthPerson } from '../types.ts';

/** How a tool's people type. */
export interface Habits {
  /** `crm`: kanji with readings, typed by staff. `ma`: as visitors type into forms. `card`: as printed. */
  kind: 'crm' | 'ma' | 'card';
  messiness: number;
  /** The name is evidence: it stays in its own script, in a spelling that any sound comparison folds. */
  nameCounts: boolean;
}

export interface SpeltName {
  family: string;
  given: string;
  familyKana: string;
  givenKana: string;
  /** The script the name is in; `latin` for Western ones too. */
  script: 'kanji' | 'kana' | 'latin';
}

export function spellName(rng: Random, person: TruthPerson, habits: Habits, tags: string[]): SpeltName {
  const spelt = person.japanese ? japanese(rng, person, habits, tags) : western(rng, person, habits, tags);
  return habits.messiness > 0 && !habits.nameCounts ? mangle(rng, spelt, habits.messiness, tags) : spelt;
}

function japanese(rng: Random, person: TruthPerson, habits: Habits, tags: string[]): SpeltName {
  const m = habits.messiness;
  let { family, given, familyReading, givenReading } = person.name;
  if (person.formerFamily && habits.kind === 'crm') {
    family = person.formerFamily.kanji;
    familyReading = person.formerFamily.reading;
    tags.push('maiden-name');
  }
  const form =
    habits.nameCounts || habits.kind === 'card'
      ? 'kanji'
      : habits.kind === 'ma'
        ? rng.weighted([
            [70, 'kanji'],
            [8, 'katakana'],
            [4, 'hiragana'],
            [3, 'half'],
            [15, 'latin'],
          ] as const)
        : rng.weighted([
            [100, 'kanji'],
            [3 * m, 'katakana'],
            [2 * m, 'latin'],
          ] as const);
  // With perfect habits the CRM always has readings: a name in kanji alone has none that another could compare.
  const hasKana = habits.kind === 'crm' ? m === 0 || rng.chance(0.45) : habits.nameCounts || rng.chance(0.4);
  const kana = hasKana
    ? kanaOf(rng, familyReading, givenReading, m, tags)
    : { familyKana: '', givenKana: '' };
  if (form === 'kanji') {
    if (rng.chance(0.12)) {
      const old = oldKanji(family, rng.int(2));
      if (old !== family) tags.push('old-kanji');
      family = old;
    }
    if (!habits.nameCounts && rng.chance(0.05 * m)) {
      const slip = homophone(rng, person);
      if (slip) {
        if (slip.family) family = slip.family;
        if (slip.given) given = slip.given;
        tags.push('kanji-slip');
      }
    }
    return { family, given, ...kana, script: 'kanji' };
  }
  if (form === 'latin') {
    const style = rng.weighted([
      [5, 'hepburn'],
      [2, 'wapuro'],
      [2, 'oh'],
      [1, 'macron'],
      [1, 'kunrei'],
    ] as const);
    tags.push('romaji', `romaji-${style}`);
    const dress = rng.weighted([
      [7, capital],
      [2, (t: string) => t.toUpperCase()],
      [1, (t: string) => t],
    ] as const);
    const write = (reading: string) => {
      const latin = dress(romaji(reading, style));
      return rng.chance(0.04) ? fullWidth(latin) : latin;
    };
    return { family: write(familyReading), given: write(givenReading), ...kana, script: 'latin' };
  }
  const write = form === 'hiragana' ? hiragana : form === 'half' ? halfKana : (text: string) => text;
  tags.push('kana-only', form);
  return {
    family: write(plainKana(familyReading)),
    given: write(plainKana(givenReading)),
    ...kana,
    script: 'kana',
  };
}

function kanaOf(rng: Random, family: string, given: string, m: number, tags: string[]) {
  const form = rng.weighted([
    [78, 'katakana'],
    [9, 'hiragana'],
    [13, 'half-kana'],
    [5 * m, 'big-kana'],
  ] as const);
  if (form !== 'katakana') tags.push(form);
  const write = { katakana: (t: string) => t, hiragana, 'half-kana': halfKana, 'big-kana': bigKana }[form];
  return { familyKana: write(plainKana(family)), givenKana: write(plainKana(given)) };
}

const bySound = new Map<string, string[]>();
const learn = (names: JapaneseName[], kind: string) => {
  for (const { kanji, reading } of names) {
    const known = bySound.get(kind + reading);
    if (known) known.push(kanji);
    else bySound.set(kind + reading, [kanji]);
  }
};
learn(SURNAMES, 'f');
learn([...GIVEN_MALE, ...GIVEN_FEMALE], 'g');

/** Other kanji with the same reading: 斉藤 for 斎藤, 裕一 for 雄一. */
function homophone(rng: Random, { name }: TruthPerson): { family?: string; given?: string } | undefined {
  const others = (kind: string, reading: string, own: string) =>
    (bySound.get(kind + reading) ?? []).filter((kanji) => kanji !== own);
  const family = others('f', name.familyReading, name.family);
  const given = others('g', name.givenReading, name.given);
  if (given.length > 0 && (family.length === 0 || rng.chance(0.7))) return { given: rng.pick(given) };
  if (family.length > 0) return { family: rng.pick(family) };
  return undefined;
}

function western(rng: Random, person: TruthPerson, habits: Habits, tags: string[]): SpeltName {
  let { family, given } = person.name;
  const m = habits.messiness;
  if (!habits.nameCounts && rng.chance(0.12 * m) && NICKNAMES[given]) {
    given = NICKNAMES[given]!;
    tags.push('nickname');
  } else if (!habits.nameCounts && rng.chance(0.05 * m)) {
    given += ` ${rng.pick(['A', 'J', 'M', 'R'])}.`;
    tags.push('middle-initial');
  }
  if (habits.kind === 'ma') {
    const accents = rng.next();
    const strip =
      accents < 0.3 ? withoutAccents : accents < 0.45 && !habits.nameCounts ? umlautsSpelt : undefined;
    if (strip && strip(family + given) !== family + given) {
      family = strip(family);
      given = strip(given);
      tags.push('accents');
    }
    const dress = rng.weighted([
      [84, undefined],
      [8, 'upper'],
      [8, 'lower'],
    ] as const);
    if (dress) {
      family = dress === 'upper' ? family.toUpperCase() : family.toLowerCase();
      given = dress === 'upper' ? given.toUpperCase() : given.toLowerCase();
      tags.push('case');
    }
  }
  return { family, given, familyKana: '', givenKana: '', script: 'latin' };
}

/** What goes wrong with any name: swapped and joined fields, honorifics, letters set apart. */
function mangle(rng: Random, name: SpeltName, m: number, tags: string[]): SpeltName {
  const eastern = name.script !== 'latin' || name.familyKana !== '';
  const fate = rng.next() / m;
  if (fate < 0.04) {
    tags.push('name-swapped');
    return { ...name, family: name.given, given: name.family };
  }
  if (fate < 0.1) {
    tags.push('name-in-last');
    const gap = eastern ? rng.pick(['　', ' ', '']) : ' ';
    const joined = eastern ? name.family + gap + name.given : `${name.given} ${name.family}`;
    return { ...name, family: joined, given: '' };
  }
  if (fate < 0.12) {
    tags.push('honorific');
    return eastern
      ? { ...name, given: name.given + rng.pick([' 様', '様', '　殿', 'さん']) }
      : { ...name, given: `${rng.pick(['Mr.', 'Ms.', 'Dr.'])} ${name.given}` };
  }
  if (fate < 0.14 && name.script === 'kanji') {
    tags.push('spaced-name');
    return { ...name, family: spacedLetters(name.family), given: spacedLetters(name.given) };
  }
  return name;
}
