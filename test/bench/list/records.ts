import { type Random, random } from '../../../api/demo/world/random.ts';
import { drawName } from './names.ts';
import { drawPlace, type ListPlace, spellStreet } from './places.ts';

/** Of 100 people so many have 1, 2, … records: 160 records in all. */
const SPREAD = [60, 25, 11, 3, 1];
const PEOPLE_A_BATCH = SPREAD.reduce((sum, n) => sum + n, 0);
export const RECORDS_A_BATCH = SPREAD.reduce((sum, n, i) => sum + n * (i + 1), 0);
export const LARGEST_TRUE = SPREAD.length;

/** Person and copy of each place in a batch. */
const PLACES = SPREAD.flatMap((n, i) => new Array<number>(n).fill(i + 1)).flatMap((copies, person) =>
  Array.from({ length: copies }, (_, copy) => ({ person, copy })),
);

export const COLUMNS = [
  'record_id',
  'family_name',
  'given_name',
  'email',
  'phone',
  'postal_code',
  'region',
  'city',
  'street',
];

const DOMAINS = ['gmail.com', 'yahoo.co.jp', 'outlook.com', 'icloud.com', 'docomo.ne.jp', 'hotmail.com'];
const HOSTS = ['sakura', 'acme', 'hikari', 'union', 'delta', 'mirai', 'nova', 'orion', 'kita', 'vista'];

const AREAS =
  '201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 224 225 228 229 231 234 239 240 248 251 252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 318 319 320 321 323 325 330 334 336 337 339 347 351 352 360 361 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 425 432 434 435 440 443 469 478 479 480 484 501 502 503 504 505 507 508 509 510 512 513 515 516 517 518 520 530 540 541 551 559 561 562 563 567 570 571 573 574 580 585 586 601 602 603 605 606 607 608 609 610 612 614 615 616 617 618 619 620 623 626 630 631 636 641 646 650 651 660 661 662 678 682 701 702 703 704 706 707 708 712 713 714 715 716 717 718 719 720 724 727 731 732 734 740 754 757 760 763 765 770 772 773 774 775 781 785 786 801 802 803 804 805 806 808 810 812 813 814 815 816 817 818 828 830 831 832 843 845 847 848 850 856 857 858 859 860 862 863 864 865 870 901 903 904 906 907 908 909 910 912 913 914 915 916 917 918 919 920 925 928 931 936 937 940 941 947 949 951 952 954 956 970 971 972 973 978 979 980 985 989'.split(
    ' ',
  );
const american = (rng: Random) => `+1 ${rng.pick(AREAS)}-${2 + rng.int(8)}${rng.digits(2)}-${rng.digits(4)}`;

interface Person {
  japanese: boolean;
  family: { text: string; latin: string };
  given: { text: string; latin: string };
  mails: string[];
  phone: string;
  /** A second number, with the landline's shape. */
  landline: string;
  place: ListPlace;
}

function makePerson(seed: number, number: number): Person {
  const rng = random((Math.imul(number, 0x9e3779b1) ^ seed) >>> 0);
  const japanese = rng.chance(0.5);
  const { family, given } = drawName(rng, japanese);
  const local = rng.pick([
    `${given.latin}.${family.latin}`,
    `${family.latin}${given.latin}`,
    `${given.latin[0]}${family.latin}`,
    `${family.latin}_${given.latin}`,
  ]);
  const company = `${rng.pick(HOSTS)}-${rng.digits(4)}.${japanese ? 'co.jp' : 'com'}`;
  const mails = [
    `${local}${rng.digits(4)}@${rng.pick(DOMAINS)}`,
    `${rng.chance(0.5) ? `${given.latin}.${family.latin}` : `${given.latin[0]}.${family.latin}`}@${company}`,
  ];
  const phone = japanese
    ? `0${rng.pick(['70', '80', '90'])}-${1 + rng.int(9)}${rng.digits(3)}-${rng.digits(4)}`
    : american(rng);
  const landline = japanese
    ? `0${1 + rng.int(9)}${1 + rng.int(9)}-${200 + rng.int(799)}-${rng.digits(4)}`
    : american(rng);
  return { japanese, family, given, mails, phone, landline, place: drawPlace(rng, japanese) };
}

/** One slip of the finger: two letters swapped, one left out, one doubled. */
function mistyped(rng: Random, text: string): string {
  const letters = [...text];
  if (letters.length < 3) return text;
  const at = 1 + rng.int(letters.length - 2);
  const how = rng.int(3);
  if (how === 0) letters.splice(at, 2, letters[at + 1]!, letters[at]!);
  else if (how === 1) letters.splice(at, 1);
  else letters.splice(at, 0, letters[at]!);
  return letters.join('');
}

function row(seed: number, person: Person, number: number, copy: number): string[] {
  const rng = random((Math.imul(number, 0x85ebca6b) ^ Math.imul(copy + 1, 0xc2b2ae35) ^ seed) >>> 0);
  const { japanese } = person;
  let [family, given] = [person.family.text, person.given.text];
  if (copy > 0) {
    if (!japanese && rng.chance(0.04)) family = mistyped(rng, family);
    if (!japanese && rng.chance(0.04)) given = mistyped(rng, given);
    if (!japanese && rng.chance(0.03)) given = `${given[0]}.`;
    if (japanese && rng.chance(0.05)) [family, given] = [person.family.latin, person.given.latin];
    if (rng.chance(0.02)) [family, given] = [given, family];
    if (rng.chance(0.02)) given = '';
    if (!japanese && rng.chance(0.05)) [family, given] = [family.toUpperCase(), given.toUpperCase()];
  }
  let email = person.mails[copy > 0 && rng.chance(0.2) ? 1 : 0]!;
  if (copy > 0 && rng.chance(0.04)) email = mistyped(rng, email);
  if (rng.chance(0.12)) email = '';
  let phone = copy > 0 && rng.chance(0.12) ? person.landline : person.phone;
  if (rng.chance(0.3)) phone = phone.replace(/[ -]/g, '');
  if (rng.chance(0.15)) phone = '';
  if (rng.chance(0.005)) email = rng.pick(['info@example.com', 'test@test.com', 'none@none.com']);
  if (rng.chance(0.005)) phone = rng.pick(['0120-000-111', '03-1234-5678', '000-0000-0000']);
  const place = copy > 0 && rng.chance(0.08) ? drawPlace(rng, japanese) : person.place;
  const known = !rng.chance(0.15);
  const street = known ? spellStreet(rng, place, japanese) : '';
  const postal = known && rng.chance(0.9) ? place.postal : '';
  return [family, given, email, phone, postal, known ? place.region : '', known ? place.city : '', street];
}

/** The first record of a person: people of different numbers are different people. */
export const firstRecordOf = (person: number, seed: number): string[] => [
  `p${person}`,
  ...row(seed, makePerson(seed, person), person, 0),
];

/** Whose record stands in this row: rows are scattered, so that records of one person are far apart. */
export function ownerOf(row: number, rows: number): number {
  const { person, batch } = placeOf(row, rows);
  return batch * PEOPLE_A_BATCH + person;
}

/** A step through the rows that meets each of them once. */
function strideOf(rows: number): number {
  let stride = Math.floor(rows * 0.618033988749) | 1;
  while (gcd(stride, rows) !== 1) stride += 2;
  return stride;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

function placeOf(row: number, rows: number) {
  const at = (row * strideOf(rows)) % rows;
  return { ...PLACES[at % RECORDS_A_BATCH]!, batch: Math.floor(at / RECORDS_A_BATCH) };
}

/**
 * The rows of a generated list, without the header: people with 1.6 records each on average, half of them Japanese, with the
 * slips, gaps, second addresses and placeholders of real lists. The same for the same seed and number.
 */
export function* listRows(rows: number, seed: number): Generator<string[]> {
  if (rows % RECORDS_A_BATCH !== 0) throw new Error(`ask for a multiple of ${RECORDS_A_BATCH} records`);
  const stride = strideOf(rows);
  let at = 0;
  for (let i = 0; i < rows; i++) {
    const { person, copy } = PLACES[at % RECORDS_A_BATCH]!;
    const number = Math.floor(at / RECORDS_A_BATCH) * PEOPLE_A_BATCH + person;
    yield [`r${i + 1}`, ...row(seed, makePerson(seed, number), number, copy)];
    at = (at + stride) % rows;
  }
}
