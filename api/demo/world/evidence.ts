import type { Fields } from '../../../connectors/contract.ts';
import { emailKey } from './spell/contact-points.ts';

/**
 * What a record of either tool shows of whose it is, as comparable text with the weight of its kind. `strong`
 * kinds belong to one owner, as a rule; names do not.
 */
export interface Sign {
  key: string;
  weight: number;
  strong: boolean;
}

const text = (fields: Fields, ...names: string[]): string[] =>
  names.flatMap((name) => {
    const value = fields[name];
    return typeof value === 'string' && value.trim() !== '' ? [value] : [];
  });

/**
 * A number's digits without its country's prefix: the same for 03-1234-5678 and +81 3 1234 5678. '' when it
 * is none (000-0000-0000). Good enough to tell owners apart, not to dial.
 */
export function phoneKey(written: string): string {
  const plain = written.normalize('NFKC').replace(/(内|ext|代).*$/i, '');
  const digits = plain.replace(/\D/g, '').replace(/^00(?=[1-9])/, '');
  if (digits.length < 9 || /^0*\d?0{6,}$/.test(digits) || /0{7}$/.test(digits)) return '';
  const japanese = /^\s*(\+|00)\s*81/.test(plain) || (digits.startsWith('81') && digits.length >= 11);
  if (japanese) return `0${digits.slice(2).replace(/^0/, '')}`;
  return digits.startsWith('0') && /^0[1-9]\d{8,9}$/.test(digits) ? digits : digits.slice(-9);
}

const nameKey = (parts: string[]): string =>
  parts
    .join('')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s・.'-]/g, '');

function sign(kind: string, weight: number, strong: boolean, values: string[]): Sign[] {
  return values.filter((value) => value !== '').map((value) => ({ key: `${kind}:${value}`, weight, strong }));
}

export function personSigns(fields: Fields): Sign[] {
  const family = text(fields, 'LastName', 'lastname');
  const given = text(fields, 'FirstName', 'firstname');
  const kana = text(fields, 'LastNameKana__c', 'FirstNameKana__c', 'kana_last', 'kana_first');
  return [
    ...sign('email', 4, true, text(fields, 'Email', 'email').map(emailKey)),
    ...sign('phone', 3, true, text(fields, 'Phone', 'MobilePhone', 'phone', 'mobilephone').map(phoneKey)),
    ...sign('name', 1.5, false, [nameKey([...family, ...given])]),
    ...sign('kana', 1, false, [nameKey(kana)]),
  ];
}

const host = (site: string): string =>
  site
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/^www\./, '')
    .replace(/[/?#].*$/, '');

const LEGAL =
  /株式会社|有限会社|合同会社|\(株\)|\(有\)|\(同\)|,?\s*(co\.,?\s*ltd\.?|inc\.?|llc|ltd\.?|corp\.?)$/gi;

export function companySigns(fields: Fields): Sign[] {
  const names = text(fields, 'Name', 'name').map((name) =>
    nameKey([name.normalize('NFKC').replace(LEGAL, '')]),
  );
  return [
    ...sign('number', 5, true, text(fields, 'CorporateNumber__c', 'corporate_number')),
    ...sign('site', 4, true, text(fields, 'Website', 'domain', 'website').map(host)),
    ...sign('phone', 3, true, text(fields, 'Phone', 'phone').map(phoneKey)),
    ...sign('company', 1.5, false, names),
  ];
}

export type SignsOf = (fields: Fields) => Sign[];

/** Who shows which signs: learned from records whose owner is known. */
export interface Evidence {
  signs: SignsOf;
  owners: Map<string, Set<string>>;
}

export function learn(signs: SignsOf, known: Iterable<{ owner: string; fields: Fields }>): Evidence {
  const owners = new Map<string, Set<string>>();
  for (const { owner, fields } of known)
    for (const { key } of signs(fields)) {
      const holders = owners.get(key);
      if (holders) holders.add(owner);
      else owners.set(key, new Set([owner]));
    }
  return { signs, owners };
}

/**
 * The owner that a record's values speak for. `strong`: something of theirs that nobody else has. Undefined
 * when they speak for nobody, or for two nearly alike.
 */
export function ownerByValues(
  evidence: Evidence,
  fields: Fields,
): { owner: string; strong: boolean } | undefined {
  const votes = new Map<string, number>();
  const sole = new Set<string>();
  for (const { key, weight, strong } of evidence.signs(fields)) {
    const holders = evidence.owners.get(key);
    if (!holders) continue;
    for (const owner of holders) {
      votes.set(owner, (votes.get(owner) ?? 0) + weight / holders.size);
      if (strong && holders.size === 1) sole.add(owner);
    }
  }
  let best: string | undefined;
  let most = 0;
  let next = 0;
  for (const [owner, vote] of votes)
    if (vote > most) {
      next = most;
      most = vote;
      best = owner;
    } else if (vote > next) next = vote;
  if (best === undefined || next > most * 0.75) return undefined;
  return { owner: best, strong: sole.has(best) };
}

/** Others whose very own mail address, number or site the record shows. */
export function strangers(evidence: Evidence, owner: string, fields: Fields): string[] {
  const found = new Set<string>();
  for (const { key, strong } of evidence.signs(fields)) {
    const holders = evidence.owners.get(key);
    if (strong && holders?.size === 1 && !holders.has(owner)) for (const other of holders) found.add(other);
  }
  return [...found];
}
