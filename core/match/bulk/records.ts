/**
 * Prepared records as bytes: millions of them fit in the memory of one process, and threads read them without copying. What
 * follows from the rest of a record is not kept twice.
 */
import type {
  Prepared,
  PreparedMail,
  PreparedName,
  PreparedOrg,
  PreparedPhone,
  PreparedPlace,
  PreparedWord,
} from '../prepared.ts';
import { type FieldReader, type FieldWriter, fieldReader, fieldWriter } from './fields.ts';
import type { Bytes } from './shared.ts';

/** Records packed together. Every part can be given to another thread as it is. */
export interface Records extends Bytes {
  sources: string[];
}

const SCRIPTS = ['han', 'kana', 'latin', 'other'] as const;
const NAMES = ['person', 'role'] as const;
const MAILS = ['personal', 'role', 'placeholder'] as const;

export function recordPacker() {
  const out = fieldWriter();
  const sources: string[] = [];
  return {
    add(p: Prepared): void {
      out.text(p.id);
      const known = sources.indexOf(p.source);
      out.num(known >= 0 ? known : sources.push(p.source) - 1);
      putName(out, p.name);
      putOrg(out, p.org);
      out.maybe(p.companyId);
      out.num(p.mails.length);
      for (const mail of p.mails) putMail(out, mail);
      out.num(p.phones.length);
      for (const { number, mobile, service } of p.phones) {
        out.text(number);
        out.num((mobile ? 1 : 0) | (service ? 2 : 0));
      }
      putTexts(out, p.domains);
      putPlace(out, p.place);
      out.num(p.codes.length);
      for (const { department, number } of p.codes) {
        out.text(department);
        out.text(number);
      }
      putTexts(out, p.corporateNumbers);
      out.maybe(p.birth);
      out.maybe(p.title);
      out.endRecord();
    },
    end: (): Records => ({ ...out.end(), sources }),
  };
}

/** Reads records back, in any order, equal to those that were packed. */
export function recordReader(records: Records): (record: number) => Prepared {
  const from = fieldReader(records);
  return (record) => {
    from.on(record);
    // The properties of a literal are made from the first to the last: in the order in which they were packed.
    return {
      id: from.text(),
      source: records.sources[from.num()]!,
      name: takeName(from),
      org: takeOrg(from),
      companyId: from.maybe(),
      mails: takeList(from, takeMail),
      phones: takeList(from, takePhone),
      domains: takeList(from, takeText),
      place: takePlace(from),
      codes: takeList(from, takeCode),
      corporateNumbers: takeList(from, takeText),
      birth: from.maybe(),
      title: from.maybe(),
    };
  };
}

const takeText = (from: FieldReader) => from.text();
const takeCode = (from: FieldReader) => ({ department: from.text(), number: from.text() });
const takePhone = (from: FieldReader): PreparedPhone => {
  const number = from.text();
  const flags = from.num();
  return { number, mobile: (flags & 1) !== 0, service: (flags & 2) !== 0 };
};

function putTexts(out: FieldWriter, texts: readonly string[]): void {
  out.num(texts.length);
  for (const text of texts) out.text(text);
}

function takeList<T>(from: FieldReader, take: (from: FieldReader) => T): T[] {
  const length = from.num();
  const list: T[] = [];
  for (let i = 0; i < length; i++) list.push(take(from));
  return list;
}

/** Both names in one, as preparing joins them. */
function wholeOf(family: PreparedWord | null, given: PreparedWord | null): string {
  if (family === null || given === null) return '';
  return family.key <= given.key ? family.key + given.key : given.key + family.key;
}

function putName(out: FieldWriter, name: PreparedName | null): void {
  if (name === null) {
    out.num(0);
    return;
  }
  const whole = name.whole === wholeOf(name.family, name.given);
  out.num(1 | (NAMES.indexOf(name.kind) << 1) | (name.guessed ? 4 : 0) | (whole ? 8 : 0));
  putWord(out, name.family);
  putWord(out, name.given);
  out.maybe(name.maiden);
  out.text(name.generation);
  if (!whole) out.text(name.whole);
}

function takeName(from: FieldReader): PreparedName | null {
  const flags = from.num();
  if (flags === 0) return null;
  const family = takeWord(from);
  const given = takeWord(from);
  return {
    family,
    given,
    maiden: from.maybe(),
    generation: from.text(),
    whole: flags & 8 ? wholeOf(family, given) : from.text(),
    guessed: (flags & 4) !== 0,
    kind: NAMES[(flags >> 1) & 1]!,
  };
}

function putWord(out: FieldWriter, word: PreparedWord | null): void {
  if (word === null) {
    out.num(0);
    return;
  }
  out.num(1 | (word.sure ? 2 : 0) | (SCRIPTS.indexOf(word.script) << 2));
  out.text(word.key);
  putTexts(out, word.readings);
}

function takeWord(from: FieldReader): PreparedWord | null {
  const flags = from.num();
  if (flags === 0) return null;
  return {
    key: from.text(),
    script: SCRIPTS[flags >> 2]!,
    readings: takeList(from, takeText),
    sure: (flags & 2) !== 0,
  };
}

function putOrg(out: FieldWriter, org: PreparedOrg | null): void {
  if (org === null) {
    out.num(0);
    return;
  }
  const same = org.core === org.key;
  out.num(1 | (org.rendering ? 2 : 0) | (same ? 4 : 0) | (SCRIPTS.indexOf(org.script) << 3));
  out.text(org.core);
  if (!same) out.text(org.key);
  out.text(org.form);
  putTexts(out, org.words);
}

function takeOrg(from: FieldReader): PreparedOrg | null {
  const flags = from.num();
  if (flags === 0) return null;
  const core = from.text();
  return {
    core,
    key: flags & 4 ? core : from.text(),
    form: from.text(),
    script: SCRIPTS[flags >> 3]!,
    rendering: (flags & 2) !== 0,
    words: takeList(from, takeText),
  };
}

function putPlace(out: FieldWriter, place: PreparedPlace | null): void {
  out.num(place === null ? 0 : 1);
  if (place === null) return;
  out.text(place.postal);
  out.text(place.region);
  out.text(place.city);
  out.text(place.town);
  out.text(place.number);
  out.text(place.building);
}

function takePlace(from: FieldReader): PreparedPlace | null {
  if (from.num() === 0) return null;
  return {
    postal: from.text(),
    region: from.text(),
    city: from.text(),
    town: from.text(),
    number: from.text(),
    building: from.text(),
  };
}

/** A text that is as a rule the beginning of another. */
function putBeginning(out: FieldWriter, of: string, text: string): void {
  const begins = of.startsWith(text);
  out.num(begins ? text.length + 1 : 0);
  if (!begins) out.text(text);
}

function takeBeginning(from: FieldReader, of: string): string {
  const length = from.num();
  return length === 0 ? from.text() : of.slice(0, length - 1);
}

function putMail(out: FieldWriter, mail: PreparedMail): void {
  const joined = mail.key === `${mail.local}@${mail.domain}`;
  out.num((joined ? 1 : 0) | (mail.free ? 2 : 0) | (MAILS.indexOf(mail.kind) << 2) | (mail.spells << 4));
  out.text(mail.key);
  if (joined) out.num(mail.local.length);
  else {
    out.text(mail.local);
    out.text(mail.domain);
  }
  out.text(mail.scan);
  putBeginning(out, mail.local, mail.letters);
  putBeginning(out, mail.local, mail.plain);
  out.text(mail.initials);
}

function takeMail(from: FieldReader): PreparedMail {
  const flags = from.num();
  const key = from.text();
  let [local, domain] = ['', ''];
  if (flags & 1) {
    const length = from.num();
    local = key.slice(0, length);
    domain = key.slice(length + 1);
  } else {
    local = from.text();
    domain = from.text();
  }
  return {
    key,
    local,
    domain,
    scan: from.text(),
    letters: takeBeginning(from, local),
    plain: takeBeginning(from, local),
    initials: from.text(),
    spells: flags >> 4,
    free: (flags & 2) !== 0,
    kind: MAILS[(flags >> 2) & 3]!,
  };
}
