/** Options of the benches: `--name value`, or `--name` alone, which is ''. */
const OPTIONS = new Map<string, string>();
/** The benches asked for. */
export const names: string[] = [];

const words = process.argv.slice(2);
for (let i = 0; i < words.length; i++) {
  const word = words[i]!;
  if (!word.startsWith('--')) names.push(word);
  else if (word.includes('='))
    OPTIONS.set(word.slice(2, word.indexOf('=')), word.slice(word.indexOf('=') + 1));
  else if (/^\d/.test(words[i + 1] ?? '')) OPTIONS.set(word.slice(2), words[++i]!);
  else OPTIONS.set(word.slice(2), '');
}

/** undefined: not given. */
export const flag = (name: string): string | undefined => OPTIONS.get(name);
