import { halfKana } from '../kana.ts';
import { BRANCHES, DEPARTMENTS, LEGAL_FORMS } from '../pools/company-words.ts';
import type { Random } from '../random.ts';
import { fullWidth, oldKanji } from '../text.ts';
import type { TruthCompany } from '../types.ts';
import type { Habits } from './name.ts';

const SHORT = new Map(LEGAL_FORMS.map(([, form]) => [form.full, form]));

/** The company's name as somebody types it. */
export function spellCompany(rng: Random, company: TruthCompany, habits: Habits, tags: string[]): string {
  return company.japanese ? japanese(rng, company, habits, tags) : western(rng, company, habits, tags);
}

function japanese(rng: Random, company: TruthCompany, habits: Habits, tags: string[]): string {
  const m = habits.messiness;
  const form = SHORT.get(company.legal)!;
  const careful = habits.kind === 'crm';
  let core = company.core;
  let legal = company.legal;
  let front = company.name.startsWith(company.legal);
  let gap = '';
  if (rng.chance(0.08)) {
    const old = oldKanji(core, rng.int(2));
    if (old !== core) tags.push('old-kanji');
    core = old;
  }
  if (rng.chance(careful ? 0.02 : 0.06) && /[ァ-ヴ]/.test(core)) {
    core = halfKana(core);
    tags.push('half-kana');
  }
  const wrong = rng.next() / (m || 1e-9);
  if (wrong < 0.05) {
    tags.push('company-kana');
    core = company.coreKana;
  } else if (!careful && wrong < 0.1) {
    tags.push('company-english');
    return `${company.english} ${rng.pick([form.english, form.english.toUpperCase(), 'K.K.'])}`;
  }
  if (rng.chance(careful ? 0.15 : 0.45)) {
    legal = rng.pick(form.short);
    tags.push('legal-abbrev');
    if (rng.chance(0.2)) gap = rng.pick([' ', '　']);
  }
  if (rng.chance(0.12 * m) && !careful) {
    tags.push('legal-omitted');
    legal = '';
    gap = '';
  } else if (rng.chance(0.06 * m) && form.place === 'either') {
    tags.push('legal-position');
    front = !front;
  }
  if (/[A-Za-z0-9]/.test(core.normalize('NFKC')) && rng.chance(0.4)) {
    core = core.normalize('NFKC') === core ? fullWidth(core) : core.normalize('NFKC');
    tags.push('full-width-alnum');
  }
  let name = front ? legal + gap + core : core + gap + legal;
  if (rng.chance(0.06 * m)) {
    const inside = rng.pick(rng.chance(0.6) ? BRANCHES : DEPARTMENTS);
    name += rng.pick([' ', '　', '']) + inside;
    tags.push(BRANCHES.includes(inside) ? 'branch-in-company' : 'dept-in-company');
  }
  return name;
}

function western(rng: Random, company: TruthCompany, habits: Habits, tags: string[]): string {
  if (habits.kind === 'crm' && rng.chance(0.85)) return company.name;
  const fate = rng.next();
  if (fate < 0.5) return company.name;
  tags.push('company-form');
  if (fate < 0.75) return `${company.core} ${company.legal.replace('.', '')}`;
  if (fate < 0.85) return company.name.toUpperCase();
  return fate < 0.85 + 0.15 * habits.messiness ? company.core : company.name.toLowerCase();
}

/** A customer code as the department, or the visitor, writes it: `E-000123`, `E123`, 123 in full width. */
export function spellCode(rng: Random, code: string, habits: Habits, tags: string[]): string {
  const [letter, digits] = code.split('-') as [string, string];
  if (habits.kind === 'crm') {
    if (!rng.chance(0.1 * habits.messiness)) return code;
    tags.push('code-format');
    return rng.pick([`${letter}${digits}`, fullWidth(code)]);
  }
  tags.push('code-format');
  const bare = String(Number(digits));
  const forms = [`${letter}${bare}`, `${letter}-${bare}`, code, fullWidth(`${letter}${bare}`)];
  // Without the department's letter the number names several customers: only messy worlds have that.
  return rng.chance(0.3 * habits.messiness) ? rng.pick([bare, digits, fullWidth(digits)]) : rng.pick(forms);
}
