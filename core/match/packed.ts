/**
 * Prepared records as the store keeps them: lists, in which a place says what a name would, without what follows from the rest. They
 * are a third as long, and thousands of them are read with each page of a large store. How they are packed must stay readable: a
 * change of it gets a `FORM` of its own.
 */
import type {
  Prepared,
  PreparedMail,
  PreparedName,
  PreparedOrg,
  PreparedPhone,
  PreparedPlace,
  PreparedWord,
} from './prepared.ts';

const FORM = 1;

/** Nothing: null, an empty list, or a text that follows from others. Left out at the end of a list. */
const NONE = 0;

type None = typeof NONE;
type Part = string | number | Part[];

/** JSON. */
export type Packed = [form: typeof FORM, ...parts: Part[]];

const SCRIPTS = ['han', 'kana', 'latin', 'other'] as const;
const MAILS = ['personal', 'role', 'placeholder'] as const;

/** Small numbers stand as one letter in front of a text. */
const mark = (flags: number, text: string) => flags.toString(36) + text;
const flagsOf = (marked: string) => Number.parseInt(marked[0]!, 36);
const textOf = (marked: string) => marked.slice(1);

export function packed(p: Prepared): Packed {
  return [
    FORM,
    ...shortened([
      p.source,
      p.name === null ? NONE : packedName(p.name),
      p.org === null ? NONE : packedOrg(p.org),
      p.companyId ?? NONE,
      list(p.mails, packedMail),
      list(p.phones, packedPhone),
      list(p.domains, (domain) => domain),
      p.place === null ? NONE : packedPlace(p.place),
      list(p.codes, ({ department, number }) => [department, number]),
      list(p.corporateNumbers, (number) => number),
      p.birth ?? NONE,
      p.title ?? NONE,
    ]),
  ];
}

/** The record of this id as it was packed, or as versions before packed ones have stored it. */
export function unpacked(id: string, stored: unknown): Prepared {
  if (!Array.isArray(stored)) return stored as Prepared;
  if (stored[0] !== FORM) throw new Error(`record ${id} has the unknown form for matching ${stored[0]}`);
  const [, source, name, org, companyId, mails, phones, domains, place, codes, numbers, birth, title] =
    stored as [number, ...Part[]];
  return {
    id,
    source: source as string,
    name: name ? unpackedName(name as Part[]) : null,
    org: org ? unpackedOrg(org as Part[]) : null,
    companyId: maybe(companyId),
    mails: mails ? (mails as Part[][]).map(unpackedMail) : [],
    phones: phones ? (phones as string[]).map(unpackedPhone) : [],
    domains: domains ? (domains as string[]) : [],
    place: place ? unpackedPlace(place as string[]) : null,
    codes: codes ? (codes as [string, string][]).map(([department, number]) => ({ department, number })) : [],
    corporateNumbers: numbers ? (numbers as string[]) : [],
    birth: maybe(birth),
    title: maybe(title),
  };
}

function list<T>(items: readonly T[], pack: (item: T) => Part): Part {
  return items.length === 0 ? NONE : items.map(pack);
}

function shortened(parts: Part[]): Part[] {
  while (parts.at(-1) === NONE) parts.pop();
  return parts;
}

const maybe = (part: Part | undefined): string | null => (typeof part === 'string' ? part : null);

/** A text that is not kept where it is as expected. */
const unless = (expected: string, text: string): string | None => (text === expected ? NONE : text);
const or = (part: Part | undefined, expected: string): string => (typeof part === 'string' ? part : expected);

/** Both names in one, as preparing joins them. */
function wholeOf(family: PreparedWord | null, given: PreparedWord | null): string {
  if (family === null || given === null) return '';
  return family.key <= given.key ? family.key + given.key : given.key + family.key;
}

const packedName = ({ family, given, maiden, whole, guessed, generation, kind }: PreparedName): Part => [
  mark((guessed ? 1 : 0) | (kind === 'role' ? 2 : 0), generation),
  ...shortened([
    family === null ? NONE : packedWord(family),
    given === null ? NONE : packedWord(given),
    maiden ?? NONE,
    unless(wholeOf(family, given), whole),
  ]),
];

function unpackedName([head, first, second, maiden, whole]: Part[]): PreparedName {
  const flags = flagsOf(head as string);
  const family = first ? unpackedWord(first as string[]) : null;
  const given = second ? unpackedWord(second as string[]) : null;
  return {
    family,
    given,
    maiden: maybe(maiden),
    whole: or(whole, wholeOf(family, given)),
    guessed: (flags & 1) !== 0,
    generation: textOf(head as string),
    kind: flags & 2 ? 'role' : 'person',
  };
}

const packedWord = ({ key, script, readings, sure }: PreparedWord): Part => [
  mark((sure ? 1 : 0) | (SCRIPTS.indexOf(script) << 1), key),
  ...readings,
];

function unpackedWord([head, ...readings]: string[]): PreparedWord {
  const flags = flagsOf(head!);
  return { key: textOf(head!), script: SCRIPTS[flags >> 1]!, readings, sure: (flags & 1) !== 0 };
}

const packedOrg = ({ core, key, form, script, rendering, words }: PreparedOrg): Part => [
  mark((rendering ? 1 : 0) | (SCRIPTS.indexOf(script) << 1), core),
  unless(core, key),
  form,
  ...words,
];

function unpackedOrg([head, key, form, ...words]: Part[]): PreparedOrg {
  const flags = flagsOf(head as string);
  const core = textOf(head as string);
  return {
    core,
    key: or(key, core),
    form: form as string,
    script: SCRIPTS[flags >> 1]!,
    rendering: (flags & 1) !== 0,
    words: words as string[],
  };
}

function packedMail({
  key,
  local,
  domain,
  scan,
  letters,
  plain,
  initials,
  spells,
  free,
  kind,
}: PreparedMail): Part {
  return [
    mark((free ? 1 : 0) | (MAILS.indexOf(kind) << 1) | (spells << 3), local),
    domain,
    ...shortened([
      unless(local, scan),
      beginning(local, letters),
      beginning(local, plain),
      unless('', initials),
      unless(`${local}@${domain}`, key),
    ]),
  ];
}

function unpackedMail([head, domain, scan, letters, plain, initials, key]: Part[]): PreparedMail {
  const flags = flagsOf(head as string);
  const local = textOf(head as string);
  return {
    key: or(key, `${local}@${domain}`),
    local,
    domain: domain as string,
    scan: or(scan, local),
    letters: begun(local, letters),
    plain: begun(local, plain),
    initials: or(initials, ''),
    spells: flags >> 3,
    free: (flags & 1) !== 0,
    kind: MAILS[(flags >> 1) & 3]!,
  };
}

/** A text that is as a rule the beginning of another: how much of it is missing. */
const beginning = (of: string, text: string): Part => (of.startsWith(text) ? of.length - text.length : text);
const begun = (of: string, part: Part | undefined): string =>
  typeof part === 'string' ? part : of.slice(0, of.length - ((part as number | undefined) ?? 0));

const packedPhone = ({ number, mobile, service }: PreparedPhone): string =>
  mark((mobile ? 1 : 0) | (service ? 2 : 0), number);

function unpackedPhone(marked: string): PreparedPhone {
  const flags = flagsOf(marked);
  return { number: textOf(marked), mobile: (flags & 1) !== 0, service: (flags & 2) !== 0 };
}

const packedPlace = ({ postal, region, city, town, number, building }: PreparedPlace): Part => [
  postal,
  region,
  city,
  town,
  number,
  building,
];

function unpackedPlace([postal, region, city, town, number, building]: string[]): PreparedPlace {
  return {
    postal: postal!,
    region: region!,
    city: city!,
    town: town!,
    number: number!,
    building: building!,
  };
}
