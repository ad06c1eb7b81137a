import type { Random } from '../random.ts';
import { capital, fullWidth } from '../text.ts';
import type { Phone } from '../types.ts';
import type { Habits } from './name.ts';

const DASHES = ['−', 'ー', '‐', '–'];

/** The number as somebody writes it. Foreign ones keep their country code, or nobody could dial them. */
export function spellPhone(rng: Random, phone: Phone, habits: Habits, tags: string[]): string {
  const m = habits.messiness;
  const [first, ...rest] = phone.groups as [string, ...string[]];
  const national = `${phone.trunk}${first}`;
  const joined = phone.groups.join('');
  const plain = `${national}-${rest.join('-')}`;
  if (phone.country !== '81') {
    if (rng.chance(0.15 * m)) {
      tags.push('phone-national');
      return rng.pick([`${national} ${rest.join(' ')}`, plain]);
    }
    const style = rng.int(habits.kind === 'crm' ? 2 : 5);
    if (style > 1) tags.push('phone-format');
    return [
      `+${phone.country} ${phone.groups.join(' ')}`,
      `+${phone.country}${joined}`,
      `+${phone.country}-${phone.groups.join('-')}`,
      `+${phone.country} ${phone.groups.join('.')}`,
      `+${phone.country} (${first}) ${rest.join('-')}`,
    ][style]!;
  }
  if (rng.chance(habits.kind === 'crm' ? 0.6 : 0.35)) return plain;
  tags.push('phone-format');
  const text = rng.pick([
    `0${joined}`,
    `+81${joined}`,
    `+81-${phone.groups.join('-')}`,
    `${national}(${rest[0]})${rest.slice(1).join('')}`,
    `(${national})${rest.join('-')}`,
    `${national} ${rest.join(' ')}`,
    fullWidth(plain),
    plain.replaceAll('-', rng.pick(DASHES)),
  ]);
  if (m > 0 && !first.endsWith('0') && rng.chance(0.1 * m)) {
    tags.push('extension');
    return (
      text +
      rng.pick(['(代)', ' 内線', '（内）']).replace(/線$|内）$/, (end) => `${end}${100 + rng.int(8000)}`)
    );
  }
  return text;
}

/** The number that stands for none. */
export const spellNoPhone = (rng: Random, tags: string[]): string => {
  tags.push('placeholder');
  return rng.pick(['000-0000-0000', '00-0000-0000', '03-0000-0000', '0000000000', '-']);
};

/**
 * The address as somebody types it. Width and case change nothing about whose it is; only messy worlds have
 * tags and typing slips, which do. HubSpot refuses what is no address, so `ma` never gets one of those.
 */
export function spellEmail(rng: Random, email: string, habits: Habits, tags: string[]): string {
  const m = habits.messiness;
  const [local, domain] = email.split('@') as [string, string];
  const add = (tag: string, text: string) => {
    tags.push(tag);
    return text;
  };
  const fate = rng.next();
  if (fate < 0.06) return add('email-upper', email.toUpperCase());
  if (fate < 0.12) return add('email-cap', `${capital(local)}@${domain}`);
  if (habits.kind !== 'ma') {
    if (fate < 0.13) return add('email-fullwidth', fullWidth(email));
    if (fate < 0.14) return add('email-fwat', `${local}＠${domain}`);
    if (fate < 0.14 + 0.03 * m) return add('email-space', ` ${email}　`);
    if (fate < 0.14 + 0.04 * m) return add('email-mailto', `mailto:${email}`);
    if (fate < 0.14 + 0.05 * m) return add('email-trail', `${email}.`);
  }
  if (fate > 1 - 0.04 * m)
    return add('email-plus', `${local}+${rng.pick(['news', 'seminar', 'dl'])}@${domain}`);
  if (fate > 1 - 0.07 * m && local.length > 4) {
    const at = 1 + rng.int(local.length - 3);
    const slipped = local.slice(0, at) + local[at + 1]! + local[at]! + local.slice(at + 2);
    return slipped === local ? email : add('email-slip', `${slipped}@${domain}`);
  }
  return email;
}

/** Typed only because the form wanted something. */
export const PLACEHOLDER_EMAILS = [
  'nomail@nomail.example',
  'test@test.example',
  'aaa@aaa.example',
  'noemail@mail.example',
];

/** What makes two spellings of an address the same to a tool that insists on unique ones. */
export const emailKey = (email: string): string =>
  email
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/^mailto:/, '')
    .replace(/\.$/, '');
