import type { Base } from './model.ts';
import type { Prepared, PreparedWord } from './prepared.ts';

/** At most this many readings of one name part make keys. */
const READINGS = 4;

function forms(word: PreparedWord | null, limit = READINGS): string[] {
  return word === null ? [] : word.readings.length === 0 ? [word.key] : word.readings.slice(0, limit);
}

function personKeys(p: Prepared, add: (key: string) => void): void {
  if (p.name?.kind === 'role') {
    for (const m of p.mails) if (m.kind !== 'placeholder') add(`role:${m.key}`);
    return;
  }
  for (const m of p.mails) if (m.kind === 'personal') add(`mail:${m.key}`);
  for (const n of p.phones) if (!n.service) add(`phone:${n.number}`);
  const family = p.name?.family ?? null;
  const given = p.name?.given ?? null;
  const names = new Set([...forms(family), ...forms(given)]);
  if (p.name !== null && p.name.whole !== '') add(`name:${p.name.whole}`);
  for (const f of forms(family))
    for (const g of forms(given)) add(`read:${f < g ? `${f} ${g}` : `${g} ${f}`}`);
  const employers = [
    ...(p.companyId === null ? [] : [`id ${p.companyId}`]),
    ...(p.org === null ? [] : [p.org.key]),
    ...p.domains,
  ];
  for (const employer of employers) for (const name of names) add(`work:${employer} ${name}`);
  if (p.birth !== null) {
    add(`birth:${p.birth}`);
    for (const name of names) add(`birthname:${p.birth.slice(0, 4)} ${name}`);
    for (const name of names) add(`daymonth:${p.birth.slice(4)} ${name}`);
  }
  for (const c of p.codes) {
    add(`code:${c.number}`);
    for (const name of names) add(`codename:${c.number} ${name}`);
  }
  if (p.place !== null) placeKeys(p, [...names], add);
  for (const m of p.mails)
    if (m.kind === 'personal' && m.local.length > 3) {
      add(`local:${m.local}`);
      add(`box:${m.domain} ${m.local.slice(0, 4)}`);
    }
}

function placeKeys(p: Prepared, names: string[], add: (key: string) => void): void {
  const place = p.place!;
  if (place.number !== '' && place.town !== '') add(`place:${place.town} ${place.number}`);
  if (place.number !== '' && place.postal !== '') add(`lot:${place.postal} ${place.number}`);
  for (const name of names) {
    if (place.postal !== '') add(`postalname:${place.postal} ${name}`);
    if (place.city !== '') add(`cityname:${place.city} ${name}`);
  }
}

function companyKeys(p: Prepared, add: (key: string) => void): void {
  for (const n of p.corporateNumbers) add(`number:${n}`);
  for (const d of p.domains) add(`domain:${d}`);
  for (const n of p.phones) add(`phone:${n.number}`);
  for (const c of p.codes) add(`code:${c.number}`);
  if (p.place !== null) {
    placeKeys(p, p.org === null ? [] : [p.org.key.slice(0, 3), ...p.org.words], add);
  }
  if (p.org === null) return;
  add(`org:${p.org.key}`);
  for (const d of p.domains) add(`orgdomain:${p.org.key} ${d}`);
  for (const n of p.phones) add(`orgphone:${p.org.key} ${n.number}`);
  const { words } = p.org;
  for (let i = 0; i < words.length; i++)
    for (let j = i + 1; j < words.length; j++) add(`words:${words[i]} ${words[j]}`);
}

function dealKeys(p: Prepared, add: (key: string) => void): void {
  if (p.title !== null) add(`title:${p.title}`);
  for (const c of p.codes) add(`code:${c.department}${c.number}`);
  if (p.companyId !== null) add(`company:${p.companyId}`);
  if (p.org !== null) add(`org:${p.org.key}`);
}

const MAKERS: Record<Base, (p: Prepared, add: (key: string) => void) => void> = {
  person: personKeys,
  company: companyKeys,
  deal: dealKeys,
};

/**
 * Blocking keys, each with its kind in front. Several per record, so that one damaged value never hides a
 * duplicate; none from a role or placeholder value, which would chain strangers together.
 */
export function blockingKeys(base: Base, p: Prepared): string[] {
  const keys = new Set<string>();
  MAKERS[base](p, (key) => keys.add(key));
  return [...keys];
}
