import { fold } from './fold.ts';

/** Σ Pn·Qn over the 12 base digits from the right, Qn = 1, 2, 1, 2 …; check digit = 9 − (sum mod 9). */
function checkDigit(base: string): number {
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += Number(base[11 - i]) * (i % 2 === 0 ? 1 : 2);
  return 9 - (sum % 9);
}

/**
 * 法人番号: 13 digits whose check digit is right, or null. The T of an invoice number, labels and dashes are
 * dropped. The 12-digit registry form (会社法人等番号) gets its check digit; T with 12 digits is a typing error.
 */
export function corporateNumber(text: string): string | null {
  const folded = fold(text)
    .replace(/^[^0-9Tt]*(?=[0-9Tt])/u, '')
    .replace(/[\s\-.]/gu, '');
  const match = /^([Tt]?)(\d+)$/u.exec(folded);
  if (match === null) return null;
  const digits = match[2]!;
  if (/^0+$/u.test(digits)) return null;
  if (digits.length === 12) return match[1] === '' ? `${checkDigit(digits)}${digits}` : null;
  if (digits.length !== 13) return null;
  return Number(digits[0]) === checkDigit(digits.slice(1)) ? digits : null;
}
