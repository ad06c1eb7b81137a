const WORDS: Record<string, string> = {
  'doubtful score': 'their sum neither links them nor parts them',
  'keep-apart': 'alike, but a person keeps apart what would become one',
  contradiction: 'alike, but others that would become one with them contradict each other',
  'weak-bridge': 'alike, but little beside these two ties their golden records together',
  'too-large': 'alike, but together they would be more records than one customer has',
  ambiguous: 'one of them fits two golden records that exclude each other',
};

/** Why a pair is in doubt, as people read it. `enough`: it has the bits of a link, so that what is missing is evidence of a second kind. */
export function doubtWords(reason: string, enough = false): string {
  if (reason === 'doubtful score' && enough)
    return 'bits enough for a link, but no evidence of a second kind beside them';
  return WORDS[reason] ?? reason;
}
