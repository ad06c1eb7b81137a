import { z } from 'zod';
import { parseEmail } from '../canonical.ts';
import { formatPhone, parsePhone } from '../phone.ts';
import { checkRegion } from '../places.ts';
import { define, done, overText } from './define.ts';

export const email = define({
  name: 'email',
  doc: 'An e-mail address, bare and in lower case. Without @ or a domain it cannot be read.',
  args: z.strictObject({}),
  examples: [
    { input: '佐藤 <Taro＠Example.CO.JP>', output: 'taro@example.co.jp' },
    { input: 'taro.@docomo.ne.jp', output: 'taro.@docomo.ne.jp' },
    { input: 'taro@', fails: 'is not an e-mail address' },
  ],
  apply: (value) => overText(value, parseEmail),
});

export const phone = define({
  name: 'phone',
  doc: 'A phone number. `region`: the country of numbers without one. `format`: e164 (default), national, international.',
  args: z.strictObject({
    region: z.string().superRefine(checkRegion).optional(),
    format: z.enum(['e164', 'national', 'international']).default('e164'),
  }),
  examples: [
    { args: { region: 'JP' }, input: '０３（６１４１）４０２５', output: '+81361414025' },
    { args: { region: 'JP' }, input: '03-1234-5678 内線12', output: '+81312345678;ext=12' },
    { args: { format: 'national' }, input: '+81361414025', output: '03-6141-4025' },
    { args: { format: 'national' }, input: '+14155552671', output: '+1 415 555 2671' },
    { args: { format: 'international' }, input: '+81361414025', output: '+81 3 6141 4025' },
    { input: '不明', fails: 'is not a phone number' },
  ],
  apply: (value, args, context) =>
    overText(value, (text) => {
      const region = args.region ?? context.region;
      const found = parsePhone(text, region);
      return 'message' in found
        ? { ok: false, message: found.message }
        : done(formatPhone(found.number, args.format, region));
    }),
});
