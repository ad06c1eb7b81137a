import type { Entity } from '../../../../core/model/entity.ts';
import { when } from '../../../../core/model/when.ts';
import { decisionText } from '../../../../core/sync/decisionError.ts';
import type { PairExplanation, PairReason, PairSide, PairStep } from '../../../../core/sync/explainPair.ts';
import type { Tie } from '../../../../core/sync/pairParties.ts';
import { table } from '../../out.ts';
import { sideBySide } from '../reviews/text.ts';
import { likely, signed } from './bits.ts';
import { doubtWords } from './doubtWords.ts';

/** Columns of the picture of the sum. */
const WIDTH = 40;

/** A pair for people: what each shows, what is thought of the two and why, and the sum, step by step. */
export function pairText(entity: Entity, it: PairExplanation): string {
  const verdict = { one: 'ONE', two: 'TWO', 'in doubt': 'IN DOUBT' }[it.verdict];
  return [
    `${verdict}: ${BECAUSE[it.why](it)}`,
    `${named(it.a)}\n${named(it.b)}`,
    sideBySide(entity.attributes, it.a, it.b),
    ...(it.steps.length === 0
      ? [
          'One of the two was made by the hub, and says nothing of its own until somebody edits it: there is no sum.',
        ]
      : [waterfall(it.steps, it.among), [...asides(it), ...inCommon(it)].join('\n')]),
    nextStep(it),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const named = ({ record, golden, name, deleted }: PairSide) =>
  `  ${record}${name ? `  ${name}` : ''}${golden ? `  ${golden}` : ''}${deleted ? '  (deleted in the tool)' : ''}`;

const BECAUSE: Record<PairReason, (it: PairExplanation) => string> = {
  'a person': ({ decisions, verdict }) => {
    const { by, at, reason } = decisions.find(({ kind }) => kind === kindOf(verdict))!;
    return `${by} ${verdict === 'one' ? 'linked them' : 'keeps them apart'}, ${when(at)}${reason ? `: ${reason}` : ''}`;
  },
  rule: ({ rule }) => `a rule links them: ${rule}`,
  score: () => 'their sum links them',
  tools: () =>
    'what happened in the tools joins them: one was made from the other, merged into it, or met there',
  'other records': ({ a, way }) =>
    `other records of ${a.golden} join them, not these two${way.length === 0 ? '' : `:\n${way.map((tie) => `  ${tieText(tie)}`).join('\n')}`}`,
  doubt: (it) =>
    `${doubtWords(it.doubt!.reason, isEnough(it))}; ${it.doubt!.state === 'later' ? `${it.doubt!.by} has put it off` : 'a person decides'}${barText(it)}`,
  'made by the hub': () =>
    'one of them was made by the hub from other records, and says nothing of its own: name those',
  waits: () => "what is known of them now is not matched yet: run 'nayose sync'",
  contradiction: ({ contradiction }) => contradiction!,
  'no key': () =>
    'nothing proposes them to each other, so that no sync compares them; here is what it would find',
  'hub values': () =>
    'they share only what too many others share, so that no sync compares them; here is what it would find',
  'too little': () => 'too little speaks for it',
  chance: ({ among }) => `among ${among.toLocaleString('en')} records chance explains as much`,
  refused: (it) => `these two are alike, but not all that would become one with them${barText(it)}`,
};

const kindOf = (verdict: PairExplanation['verdict']) => (verdict === 'one' ? 'link' : 'apart');

const isEnough = ({ steps, link }: PairExplanation) =>
  steps.filter(({ comparison }) => comparison !== 'crowd').at(-1)!.sum >= link;

function tieText({ a, b, why, rule, decision }: Tie): string {
  const pair = `${a} and ${b}`;
  if (decision) return decisionText({ ...decision, a, b });
  if (why === 'rule') return `${pair}: by rule, ${rule}`;
  return why === 'score' ? `${pair}: their sum links them` : `${pair}: joined by what happened in the tools`;
}

function barText({ bar }: PairExplanation): string {
  if (!bar) return '';
  return `\n  ${bar.decision ? decisionText({ ...bar.decision, a: bar.a, b: bar.b }) : `${bar.a} and ${bar.b}: ${bar.contradiction}`}`;
}

/** What somebody can do who knows better. */
function nextStep({ a, b, verdict, why, decisions }: PairExplanation): string {
  const pair = `${a.record} ${b.record}`;
  if (why === 'waits' || why === 'made by the hub') return '';
  const act = decisions.find(({ kind }) => why === 'a person' && kind === kindOf(verdict))?.act;
  if (act) return `To take that back: nayose undo ${act}`;
  if (verdict === 'in doubt')
    return `To answer it: nayose reviews ${pair} --link (one), --apart (two) or --later`;
  return verdict === 'one'
    ? `If they are two: nayose apart ${pair}`
    : `If they are one all the same: nayose link ${pair}`;
}

function asides({ link, review, rule, contradiction, why, steps }: PairExplanation): string[] {
  const crowded = steps.at(-1)!.comparison === 'crowd';
  return [
    ...(rule !== null && why !== 'rule' ? [`By rule: ${rule}.`] : []),
    ...(contradiction !== null && why !== 'contradiction' ? [`Against it: ${contradiction}.`] : []),
    `In doubt from ${signed(review)} bits on. Linked from ${signed(link)} on${crowded ? ', before the last step,' : ''} with evidence of two kinds; or by a rule.`,
  ];
}

function inCommon({ keys, why }: PairExplanation): string[] {
  if (keys.length === 0) return why === 'no key' ? [] : ['No key in common proposes them to each other.'];
  return [
    'In common, of what records are looked up by:',
    ...keys.map(({ kind, records, limit }) =>
      records > limit
        ? `  ${KINDS[kind] ?? kind}: more than ${limit} records have it, so it proposes nobody`
        : `  ${KINDS[kind] ?? kind}: ${records} records have it`,
    ),
  ];
}

/** Kinds of blocking keys (core/match/keys.ts), in words. */
const KINDS: Record<string, string> = {
  role: 'mailbox of a function',
  mail: 'e-mail address',
  phone: 'phone number',
  name: 'full name',
  read: 'full name as it is read',
  work: 'employer, and half a name',
  birth: 'date of birth',
  birthname: 'year of birth, and half a name',
  daymonth: 'day and month of birth, and half a name',
  code: 'code',
  codename: 'code, and half a name',
  place: 'town and house number',
  lot: 'postal code and house number',
  postalname: 'postal code, and part of a name',
  cityname: 'city, and part of a name',
  local: 'name of the mailbox, at any provider',
  box: 'mail domain, and how the mailbox begins',
  number: 'corporate number',
  domain: 'domain',
  org: 'name of the company',
  orgdomain: 'name of the company, and domain',
  orgphone: 'name of the company, and phone number',
  words: 'two words of the name',
  title: 'title',
  company: 'company',
};

/** Each step from where the one before has come to, on one scale; `|` is even. */
function waterfall(steps: readonly PairStep[], among: number): string {
  const sums = [0, ...steps.map(({ sum }) => sum)];
  const [least, most] = [Math.min(...sums), Math.max(...sums)];
  const at = (bits: number) => Math.round(((bits - least) / Math.max(most - least, 1)) * (WIDTH - 1));
  const rows = steps.map(({ comparison, level, bits, sum }, i) => {
    const [from, to] = [at(i === 0 ? 0 : steps[i - 1]!.sum), at(sum)].sort((p, q) => p - q) as [
      number,
      number,
    ];
    const bar = Array.from({ length: WIDTH }, (_, x) =>
      bits !== 0 && x >= from && x <= to ? '█' : x === at(0) ? '|' : ' ',
    ).join('');
    return [...words(comparison, level, among), signed(bits).padStart(6), signed(sum).padStart(6), bar];
  });
  const { sum } = steps.at(-1)!;
  return `${table(['', '', '  bits', '   sum', ''], rows)}\n${signed(sum)} bits: ${likely(1 / (1 + 2 ** -sum))} likely one, by what is compared alone`;
}

function words(comparison: string, level: string, among: number): [string, string] {
  if (comparison === 'prior') return ['before any evidence', ''];
  if (comparison === 'crowd') return [`among ${among.toLocaleString('en')} records`, ''];
  return [comparison, level];
}
