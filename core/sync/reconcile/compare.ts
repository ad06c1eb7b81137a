import type { Change } from '../../../connectors/contract.ts';
import { isEmpty, sameValue, type Values } from '../../model/value.ts';
import type { Intent } from '../../plan/plan.ts';
import type { GoldenRow } from '../../store/goldens.ts';
import type { OutboxRow } from '../../store/outbox.ts';
import type { Refusal } from '../../store/refusals.ts';
import type { StoredRecord } from '../observe.ts';
import type { Member } from '../ports.ts';
import type { Class } from './classes.ts';

/** What the hub holds of a record that a tool shows. */
export interface Known {
  stored: StoredRecord;
  /** Changed, and not matched since. */
  dirty: boolean;
  golden: GoldenRow | undefined;
  /** What would be written to it now. */
  intent: Intent | undefined;
  outbox: OutboxRow | undefined;
  refusals: readonly Refusal[];
  /** Attributes of the golden record that flip between tools, and rest. */
  frozen: ReadonlySet<string>;
  /** Golden ids of the records that references point to. */
  goldenOf(key: string): string | undefined;
  /** When the hub last read the stream; null: never. */
  readTo: string | null;
}

export interface Found {
  attribute: string;
  class: Class;
  reason: string;
}

export interface Comparison {
  /** Attributes that the tool shows. */
  compared: string[];
  differences: Found[];
}

type Upsert = Extract<Change, { op: 'upsert' }>;

/** One live record of a tool against what the hub holds of it and wants it to be. Each difference has its class and reason. */
export function compare(
  member: Member,
  change: Upsert,
  values: Values,
  unreadable: ReadonlyMap<string, string>,
  known: Known,
): Comparison {
  const { stored, golden } = known;
  const whole = (kind: Class, reason: string): Comparison => ({
    compared: [],
    differences: [{ attribute: '', class: kind, reason }],
  });
  if (stored.mergedInto !== null) return whole('unread', `was merged into ${stored.mergedInto}, and is back`);
  if (stored.deleted) return whole('unread', `was deleted, and is back since ${change.at}`);
  if (!golden) return whole('undelivered', 'read, and not matched yet: the next run does');
  const compared = Object.keys(values);
  const differences = compared.flatMap((attribute): Found[] => {
    const found = (kind: Class, reason: string) => [{ attribute, class: kind, reason }];
    const problem = unreadable.get(attribute);
    if (problem !== undefined) return found('unreadable', problem);
    const shown = values[attribute]!;
    if (!sameValue(shown, stored.seen[attribute])) return stale(change, attribute, shown, known);
    if (isWanted(member, attribute, shown, known)) return [];
    return unwanted(member, attribute, shown, known);
  });
  return { compared, differences };
}

/** The tool shows something else than the hub believes. */
function stale(change: Upsert, attribute: string, shown: Values[string], known: Known): Found[] {
  const { stored, outbox, readTo } = known;
  const found = (kind: Class, reason: string): Found[] => [{ attribute, class: kind, reason }];
  const echo = outbox?.payload?.echo ?? {};
  if (outbox && attribute in echo && sameValue(echo[attribute], shown))
    return found('undelivered', 'it was written, and no answer came yet: the next run looks it up');
  const written = stored.written[attribute];
  if (written && !('made' in written) && stored.confirm)
    return found('normalised', 'what the tool made of the hub’s write has not been looked at yet');
  const versions = [stored.version, change.version ?? null];
  const moved = versions.every((version) => version !== null)
    ? versions[0] !== versions[1]
    : change.at > (stored.at ?? stored.wroteAt ?? '');
  if (!moved)
    return found('formula', `the value is another one, and the record’s time is still ${change.at}`);
  const passed = readTo !== null && change.at < readTo;
  return found(
    'unread',
    `edited at ${change.at}; the hub read the stream at ${readTo ?? 'no time'}${passed ? ', and did not see it' : ''}`,
  );
}

function isWanted(
  { mapping }: Member,
  attribute: string,
  shown: Values[string],
  { golden, goldenOf }: Known,
): boolean {
  const wanted = golden!.values[attribute];
  if (mapping.entity.attributes[attribute]?.type !== 'reference') return sameValue(shown, wanted);
  return sameValue(isEmpty(shown) ? null : (goldenOf(String(shown)) ?? shown), wanted);
}

/** The hub knows what the tool shows, and its golden record says otherwise. */
function unwanted(member: Member, attribute: string, shown: Values[string], known: Known): Found[] {
  const { stored, golden, intent, outbox, refusals, dirty, frozen } = known;
  const found = (kind: Class, reason: string): Found[] => [{ attribute, class: kind, reason }];
  const provenance = golden!.provenance[attribute];
  const writes = member.writes && member.mapping.writeAttributes.some((one) => one.attribute === attribute);
  const refusal = refusals.find((one) => one.attribute === attribute);
  const problem = intent?.problems.find((one) => one.attribute === attribute);
  const due = intent !== undefined && attribute in intent.sent;
  if (!writes)
    return provenance?.rule === 'pin'
      ? found('pinned', `a person pinned another value; ${member.mapping.name} only reads it`)
      : found('one-way', `${from(provenance)}; ${member.mapping.name} only reads it`);
  if (frozen.has(attribute))
    return found(
      'frozen',
      'it flips between tools; `nayose failures` shows how, and `--retry` sends it again',
    );
  if (due && outbox) return found('undelivered', waits(outbox));
  if (refusal && !due) return found('refused', refusal.message);
  if (problem) return found('refused', problem.message);
  if (due)
    return dirty
      ? found('undelivered', 'changed, and not matched yet: the next run does')
      : found('forgotten', `${from(provenance)}, and no write is on its way`);
  if (intent && intent.awaits.length > 0 && member.mapping.entity.attributes[attribute]?.type === 'reference')
    return found('undelivered', 'waits for the record that it points to');
  const written = stored.written[attribute];
  if (written && (!('made' in written) || sameValue(written.made, shown)))
    return found('normalised', 'the tool made this of what the hub wrote');
  if (dirty) return found('undelivered', 'changed, and not matched yet: the next run does');
  if (!provenance || isEmpty(golden!.values[attribute]))
    return found('normalised', 'nobody wrote it: the tool fills it by itself');
  return found('unexplained', `${from(provenance)}, and nothing is to be written`);
}

const from = (provenance: GoldenRow['provenance'][string] | undefined) =>
  provenance ? `${provenance.source} decides (${provenance.rule})` : 'no source decides';

/** What an outbox row waits for. */
export function waits({ state, error, dueAt, attempts }: OutboxRow): string {
  const why = error ? `: ${error.message}` : '';
  switch (state) {
    case 'pending':
      return attempts > 0 ? `tried ${attempts} times, next at ${dueAt}${why}` : 'due, and not sent yet';
    case 'waiting':
      return 'waits for the record that it points to';
    case 'held':
      return `the tool refused the record${why}`;
    case 'sending':
      return 'is being sent';
    case 'unknown':
      return 'sent, and no answer came yet: it is looked up before anything is sent again';
  }
}
