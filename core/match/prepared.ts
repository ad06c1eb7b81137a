/**
 * A record made ready for comparing: everything folded, parsed and keyed once. Plain JSON, so a store may keep it.
 * Short names, because it is kept per record.
 */
export interface Prepared {
  id: string;
  source: string;
  name: PreparedName | null;
  org: PreparedOrg | null;
  /** Golden id of the company, where the reference is resolved. */
  companyId: string | null;
  mails: PreparedMail[];
  phones: PreparedPhone[];
  /** Companies' own domains, from web addresses and mail. */
  domains: string[];
  place: PreparedPlace | null;
  codes: { department: string; number: string }[];
  corporateNumbers: string[];
  /** YYYYMMDD */
  birth: string | null;
  /** A deal's name, folded. */
  title: string | null;
}

export interface PreparedWord {
  /** The native-script key. */
  key: string;
  script: 'han' | 'kana' | 'latin' | 'other';
  /** Reading keys: sure for kana and romaji, guesses for kanji unless `sure`. */
  readings: string[];
  sure: boolean;
}

export interface PreparedName {
  family: PreparedWord | null;
  given: PreparedWord | null;
  /** An earlier surname. */
  maiden: string | null;
  /** Family and given in one, sorted so that swapped fields meet; '' when one is missing. */
  whole: string;
  /** The split into family and given is a guess. */
  guessed: boolean;
  /** sr, jr, ii …; '' where none. */
  generation: string;
  /** 'role': the record stands for a function (ご担当者), not a person. */
  kind: 'person' | 'role';
}

export interface PreparedOrg {
  core: string;
  key: string;
  form: string;
  script: 'han' | 'kana' | 'latin' | 'other';
  /** Likely a transcription or translation of a name in kanji: compares only with its like. */
  rendering: boolean;
  /** Words of a Latin name, without the little ones. */
  words: string[];
}

export interface PreparedMail {
  key: string;
  local: string;
  domain: string;
  /** The local part with characters that scanners mix up evened out (0/o, 1/l, rn/m). */
  scan: string;
  /** Its letters only, and its one-letter parts (k in tanaka-k). */
  letters: string;
  /** The local part without digits at its end. */
  plain: string;
  initials: string;
  /** Parts of the record's own name that it spells out, where that name explains all of it: see mailbox.ts. */
  spells: number;
  free: boolean;
  kind: 'personal' | 'role' | 'placeholder';
}

export interface PreparedPhone {
  number: string;
  mobile: boolean;
  service: boolean;
}

export interface PreparedPlace {
  postal: string;
  region: string;
  city: string;
  /** Town or street, without numbers. */
  town: string;
  number: string;
  building: string;
}
