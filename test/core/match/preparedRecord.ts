import fc from 'fast-check';
import type { Prepared } from '../../../core/match/prepared.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom('', '佐藤', 'sato', 'é'),
);
const maybe = fc.option(text);
const script = fc.constantFrom('han' as const, 'kana' as const, 'latin' as const, 'other' as const);
const texts = fc.array(text, { maxLength: 4 });
const word = fc.option(fc.record({ key: text, script, readings: texts, sure: fc.boolean() }));
/** As matching makes them, and as no rule of its preparing ever would. */
export const preparedRecord: fc.Arbitrary<Prepared> = fc.record({
  id: text,
  source: fc.constantFrom('crm', 'ma', ''),
  name: fc.option(
    fc
      .record({
        family: word,
        given: word,
        maiden: maybe,
        whole: fc.option(text),
        guessed: fc.boolean(),
        generation: text,
        kind: fc.constantFrom('person' as const, 'role' as const),
      })
      .map(({ whole, ...name }) => ({
        ...name,
        whole: whole ?? [name.family?.key ?? '', name.given?.key ?? ''].sort().join(''),
      })),
  ),
  org: fc.option(
    fc
      .record({
        core: text,
        key: fc.option(text),
        form: text,
        script,
        rendering: fc.boolean(),
        words: texts,
      })
      .map(({ key, ...org }) => ({ ...org, key: key ?? org.core })),
  ),
  companyId: maybe,
  mails: fc.array(
    fc
      .record({
        key: fc.option(text),
        local: text,
        domain: text,
        scan: text,
        letters: fc.option(text),
        plain: fc.option(text),
        initials: text,
        spells: fc.integer({ min: 0, max: 3 }),
        free: fc.boolean(),
        kind: fc.constantFrom('personal' as const, 'role' as const, 'placeholder' as const),
      })
      .map(({ key, letters, plain, ...mail }) => ({
        ...mail,
        key: key ?? `${mail.local}@${mail.domain}`,
        letters: letters ?? mail.local.slice(0, 2),
        plain: plain ?? mail.local,
      })),
    { maxLength: 3 },
  ),
  phones: fc.array(fc.record({ number: text, mobile: fc.boolean(), service: fc.boolean() }), {
    maxLength: 3,
  }),
  domains: texts,
  place: fc.option(
    fc.record({ postal: text, region: text, city: text, town: text, number: text, building: text }),
  ),
  codes: fc.array(fc.record({ department: text, number: text }), { maxLength: 2 }),
  corporateNumbers: texts,
  birth: maybe,
  title: maybe,
});
