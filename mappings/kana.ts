import { foldWidth } from './text.ts';

export type KanaScript = 'katakana' | 'hiragana' | 'half';

/** Full-width → half-width, marks included: what Unicode folds the one way, turned round. */
const HALF = new Map<string, string>();
for (let code = 0xff61; code <= 0xff9f; code++) {
  const half = String.fromCharCode(code);
  HALF.set(half.normalize('NFKC'), half);
  for (const mark of ['ﾞ', 'ﾟ']) {
    const whole = (half + mark).normalize('NFKC');
    if ([...whole].length === 1) HALF.set(whole, half + mark);
  }
}

/** Kana of every width in one script; everything else stays. */
export function toKana(text: string, script: KanaScript): string {
  // Kana alone: a full-width space or letter is not kana's business.
  const full = text.replace(/[\u3040-\u30ff]?[\uff66-\uff9f]+/g, (run) => foldWidth(run));
  if (script === 'hiragana')
    return full.replace(/[ァ-ヶヽヾ]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0x60));
  const katakana = full.replace(/[ぁ-ゖゝゞ]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0x60));
  if (script === 'katakana') return katakana;
  return katakana.replace(/[\u3001\u3002\u300c\u300d\u30a1-\u30fc]/g, (c) => HALF.get(c) ?? c);
}
