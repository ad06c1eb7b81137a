import type { Entity } from '../../../../core/model/entity.ts';
import type { Value } from '../../../../core/model/value.ts';
import { when } from '../../../../core/model/when.ts';
import { displayName } from '../../../../core/store/explain.ts';
import { BOND_WEIGHT } from '../../../../core/store/matching.ts';
import { table } from '../../out.ts';
import { type Explanation, type Link, placeOf } from './account.ts';
import { likely, signed } from './bits.ts';
import { untellingLines } from './untelling.ts';

/** History entries shown; JSON has them all. */
const NEWEST = 20;

/** An explanation for people: what it is, where each value comes from, why its records are one, what is still to come. */
export function explanationText(entity: Entity, it: Explanation): string {
  const value = (v: Value | undefined) => shown(v, it.names);
  const lines = [`${displayName(it.values) || '(no name)'}   ${it.entity} ${it.id}`, ...whence(it)];

  lines.push('', 'VALUES: what it is, and who said so');
  const ordered = Object.keys(entity.attributes).filter((name) => name in it.values);
  lines.push(
    table(
      ['attribute', 'value', 'from', 'at', 'rule'],
      ordered.map((name) => {
        const from = it.provenance[name];
        return [
          name,
          value(it.values[name]),
          from ? source(from.source) : '',
          from ? when(from.at) : '',
          from?.rule ?? '',
        ];
      }),
    ),
  );
  const lost = ordered.flatMap((name) =>
    (it.provenance[name]?.losers ?? []).map(
      (loser) => `  ${name}: ${value(loser.value)}, from ${source(loser.source)} at ${when(loser.at)}`,
    ),
  );
  if (lost.length > 0) lines.push('', 'LOST: kept, but not shown anywhere', ...lost);

  lines.push('', 'RECORDS: one in each tool, unless said otherwise');
  lines.push(
    table(
      ['tool', 'object', 'id', 'state'],
      it.records.map((r) => [r.connection, r.object, r.id, stateOf(r)]),
    ),
  );

  lines.push('', 'LINKS: why these are one');
  if (it.records.length === 1) lines.push('  There is only this one record.');
  for (const link of it.links) lines.push(...linkLines(link));
  const pins = it.decisions.filter(({ kind }) => kind === 'pin');
  for (const { attribute, value: pinned, by, at } of pins)
    lines.push(`  ${by} pinned ${attribute} to ${value(pinned)} at ${when(at)}`);
  for (const { kind, a, b, by, at } of it.decisions)
    if (kind === 'apart')
      lines.push(`  ${by} keeps ${placeOf(a)} and ${placeOf(b!)} apart, since ${when(at)}`);
  for (const { a, b, weight, reason } of it.doubts)
    lines.push(
      `  in doubt: ${placeOf(a)} and ${placeOf(b)} (${reason}, ${weight >= BOND_WEIGHT ? 'joined in the tool' : `${signed(weight)} bits`}); a person decides`,
    );

  lines.push(
    ...untellingLines(
      entity.attributes,
      it.records.map(({ values }) => values),
    ),
  );

  lines.push(...pending(it, value));
  lines.push(
    '',
    `HISTORY${it.history.length > NEWEST ? `: the newest ${NEWEST} of ${it.history.length}` : ''}`,
  );
  for (const entry of it.history.slice(-NEWEST)) lines.push(...historyLines(entry, value));
  return lines.join('\n');
}

function whence(it: Explanation): string[] {
  const lines = [`Found by ${it.found.by}.`];
  if (it.found.alias) lines.push(`${it.found.alias} was merged into it and is its alias.`);
  const others = it.aliases.filter((id) => id !== it.found.alias);
  if (others.length > 0) lines.push(`Also known as ${others.join(', ')}.`);
  if (!it.live) lines.push('Every record of it is deleted: nothing is written for it.');
  return lines;
}

const source = (key: string) => (key.includes('/') ? placeOf(key) : key);

function shown(value: Value | undefined, names: Record<string, string>): string {
  if (value === null || value === undefined) return '(empty)';
  if (typeof value === 'string' && names[value]) return `${names[value]} (${value})`;
  return Array.isArray(value) ? value.join(', ') : String(value);
}

function stateOf(record: Explanation['records'][number]): string {
  if (record.mergedInto) return `merged in the tool into ${placeOf(record.mergedInto)}`;
  if (record.deleted) return 'deleted in the tool';
  return record.madeByHub ? 'created by the hub' : 'live';
}

function linkLines(link: Link): string[] {
  const pair = `  ${placeOf(link.a)}\n    = ${placeOf(link.b)}`;
  if (link.because === 'a person') return [`${pair}: linked by ${link.by} at ${when(link.at!)}`];
  if (link.because !== 'score')
    return [`${pair}: ${link.because}${link.because === 'made by the hub' ? ', one from the other' : ''}`];
  if (!link.comparison) return [`${pair}: they scored as one`];
  const { levels, weight, probability, prior, rule } = link.comparison;
  const parts = levels.map(({ comparison, level, weight: w }) => `${comparison} ${level} ${signed(w)}`);
  return [
    `${pair}: ${likely(probability)} likely one${rule ? `, by rule: ${rule}` : ''}`,
    `      ${parts.join(', ')}, before any evidence ${signed(prior)}; sum ${signed(weight)} bits`,
  ];
}

function pending(it: Explanation, value: (v: Value) => string): string[] {
  const lines = [
    ...it.waiting.map(
      ({ mapping, op, target, state, error }) =>
        `  ${op} by ${mapping}${target ? ` of ${placeOf(target)}` : ''}: ${state}${error ? ` (${error})` : ''}`,
    ),
    ...it.refused.map(
      ({ mapping, field, attribute, value: refused, message }) =>
        `  ${mapping} refused ${field ?? attribute} = ${value(refused)}: ${message}`,
    ),
    ...it.unreadable.map(
      ({ record, attribute, found, message }) =>
        `  ${placeOf(record)}: ${attribute} could not be read from ${found}: ${message}`,
    ),
  ];
  if (lines.length === 0) return ['', 'OPEN: nothing. Every tool shows these values.'];
  return ['', "OPEN: not delivered, or not read ('nayose failures' has the fixes)", ...lines];
}

function historyLines(
  { kind, at, version, detail }: Explanation['history'][number],
  value: (v: Value) => string,
): string[] {
  const given = detail as {
    changes?: Record<string, { from: Value; to: Value }>;
    from?: string;
    into?: string | string[];
    by?: string;
    reason?: string | null;
    decision?: string;
  };
  const head = `  ${when(at)} ${kind}`;
  const who = given.by
    ? `, by ${given.by}${given.reason ? `: ${given.reason}` : ''}${given.decision ? ` (decision ${given.decision})` : ''}`
    : '';
  if (kind === 'merged') return [`${head} ${given.from ? `with ${given.from}` : `into ${given.into}`}${who}`];
  if (kind === 'split') return [`${head} into ${[given.into].flat().join(', ')}${who}`];
  const changes = Object.entries(given.changes ?? {});
  // An alias that was parted from its survivor goes on with its versions.
  if (kind === 'created') return [`${head}${version > 1 ? ' again' : ''} with ${changes.length} values`];
  return [head, ...changes.map(([name, { from, to }]) => `    ${name}: ${value(from)} → ${value(to)}`)];
}
