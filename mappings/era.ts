/** The first day of each era. Japan counts by this calendar since 1873. */
const ERAS: readonly { from: string; kanji: string; letter: string }[] = [
  { from: '2019-05-01', kanji: '令和', letter: 'R' },
  { from: '1989-01-08', kanji: '平成', letter: 'H' },
  { from: '1926-12-25', kanji: '昭和', letter: 'S' },
  { from: '1912-07-30', kanji: '大正', letter: 'T' },
  { from: '1873-01-01', kanji: '明治', letter: 'M' },
];
/** Meiji began before its first day above. */
const FIRST_YEAR: Record<string, number> = { 明治: 1868 };

/** A day (YYYY-MM-DD) in the Japanese calendar; undefined before 1873. */
export function formatEra(day: string, style: 'kanji' | 'short'): string | undefined {
  const era = ERAS.find(({ from }) => day >= from);
  if (!era) return undefined;
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  const count = year - (FIRST_YEAR[era.kanji] ?? Number(era.from.slice(0, 4))) + 1;
  return style === 'short'
    ? `${era.letter}${count}.${month}.${date}`
    : `${era.kanji}${count === 1 ? '元' : count}年${month}月${date}日`;
}
