import { countQueuedErasures } from '../store/erasures.ts';
import { countFrozen } from '../store/flips.ts';
import { countGolden } from '../store/goldens.ts';
import { clockOf } from '../store/lane.ts';
import { countReviews } from '../store/matching.ts';
import { countOutbox } from '../store/outbox.ts';
import { dropPermits } from '../store/permits.ts';
import { countDirty } from '../store/records.ts';
import { countRefusals } from '../store/refusals.ts';
import { type Reason, type RunRow, runsOf } from '../store/runs.ts';
import { forgetWeighed } from '../store/tally.ts';
import { referenceAttributes } from './inputs.ts';
import { plural } from './plural.ts';
import type { Engine, Member, Sync } from './ports.ts';

/**
 * The honest end (law 9): 'complete' only when every record was read and delivered. Values that a tool refused do not make a run
 * incomplete, since their records were delivered without them; they are counted in `failed`, and named by `failures`. The caller
 * saves the run.
 */
export async function conclude(engine: Engine, sync: Sync, run: RunRow): Promise<void> {
  const mappings = sync.members.map((member) => member.mapping.name);
  for (const { failed } of Object.values(run.streams)) if (failed) run.reasons.push(failed);
  if (run.status !== 'halted') for (const member of sync.members) run.reasons.push(...lacking(member));
  const dirty = await countDirty(engine.db, sync.entity.name);
  if (dirty > 0)
    run.reasons.push({
      code: 'unresolved',
      count: dirty,
      message: `${plural(dirty, 'record')} not matched yet`,
    });
  let held = 0;
  for (const { mapping, state, n } of await countOutbox(engine.db, mappings)) {
    const member = sync.members.find((m) => m.mapping.name === mapping)!;
    if (state === 'held') held += n;
    const reason = undelivered(engine, sync, member, state, n);
    if (reason && run.status !== 'halted') run.reasons.push(reason);
  }
  const connections = [...new Set(sync.members.map(({ tool }) => tool.name))];
  for (const { connection, n } of run.mode === 'plan'
    ? []
    : await countQueuedErasures(engine.db, connections))
    run.reasons.push({
      code: 'erasure',
      connection,
      count: n,
      message: `${plural(n, 'record')} of erased persons in ${connection} not deleted there yet`,
      hint: '`nayose erase --status` names each; the hub goes on trying.',
    });
  const frozen = await countFrozen(engine.db, sync.entity.name);
  if (frozen > 0 && run.status !== 'halted')
    run.reasons.push({
      code: 'flipping',
      count: frozen,
      message: `${plural(frozen, 'field')} ${frozen === 1 ? 'is' : 'are'} overwritten again and again in a tool, and not written to for now`,
      hint: '`nayose failures` shows what was written, what it became, and how to end it.',
    });
  run.counts.failed = held + frozen + (await countRefusals(engine.db, mappings));
  const [before] = (await runsOf(engine.db, sync.name, 10)).filter(
    ({ id, mode }) => id !== run.id && mode !== 'plan',
  );
  run.clock = (await clockOf(engine.db, mappings, before?.startedAt ?? run.startedAt)) ?? null;
  run.counts.golden = await countGolden(engine.db, sync.entity.name);
  run.counts.reviews = await countReviews(engine.db, sync.entity.name);
  const foreseen = run.mode === 'plan' && run.reasons.some(({ code }) => code.startsWith('guard.'));
  if (foreseen) run.status = 'halted';
  if (run.status !== 'halted') run.status = run.reasons.length > 0 ? 'incomplete' : 'complete';
  // What goes on by itself would go on without the plan.
  if (run.status === 'incomplete' && run.mode !== 'plan' && engine.within === undefined)
    run.resumeAt = resumeAt(run);
  if (engine.within !== undefined) await dropPermits(engine.db, engine.within);
  await forgetWeighed(engine.db, run.id);
  run.phase = 'done';
  run.endedAt = engine.now().toISOString();
}

const NOT_DONE = {
  in: 'not read from there',
  out: 'not written there',
  both: 'neither read nor written there',
};

/** Their values are in no tool's answer and in no refusal: nobody would hear that they go neither way. */
function lacking({ absent = [], unwritable, tool, mapping, stream: { file } }: Member): Reason[] {
  const reasons = absent.map(({ attribute, field, way }) => {
    const what = file
      ? `there is no column ${field} in ${file.name} of ${tool.name}`
      : `${tool.name} ${mapping.object} has no field ${field}, or does not show it to its user`;
    return {
      code: 'schema',
      connection: tool.name,
      message: `${what}: ${attribute} is ${NOT_DONE[way]}`,
      hint: `mappings/${mapping.name}.yaml names it: correct the name, ${file ? 'add the column' : 'make the field'}, or take it out of the line. \`nayose check\` shows the line.`,
    };
  });
  if (unwritable !== undefined)
    reasons.push({
      code: 'schema',
      connection: tool.name,
      message: `${tool.name} ${mapping.object} cannot be written: nothing is written there`,
      hint: `mappings/${mapping.name}.yaml has fields for it: ${unwritable}.`,
    });
  return reasons;
}

/** The earliest of the tools whose budgets were used up: the others are refused without a call until it is their time. */
function resumeAt({ streams }: RunRow): string | null {
  const times = Object.values(streams).flatMap(({ failed }) => failed?.until ?? []);
  return times.sort()[0] ?? null;
}

function undelivered(
  engine: Engine,
  sync: Sync,
  member: Member,
  state: string,
  n: number,
): Reason | undefined {
  const where = `${member.tool.name} ${member.mapping.object}`;
  const base = { connection: member.tool.name, count: n };
  if (state === 'held')
    return {
      ...base,
      code: 'held',
      message: `${where} refused ${plural(n, 'record')}`,
      hint: '`nayose failures` names each with its cause and fix.',
    };
  if (state === 'waiting') {
    const coming = referenceAttributes(sync.entity).some((attribute) =>
      engine.creates(member.tool.name, sync.entity.attributes[attribute]!.entity ?? ''),
    );
    return coming
      ? {
          ...base,
          code: 'waiting',
          message: `${plural(n, 'reference')} in ${where} wait for the record they point to`,
        }
      : undefined;
  }
  if (state === 'unknown' || state === 'sending')
    return {
      ...base,
      code: 'unknown',
      message: `${plural(n, 'write')} to ${where} got no answer yet`,
      hint: 'The next run looks them up before anything is sent again.',
    };
  if (engine.within !== undefined)
    return {
      ...base,
      code: 'beyond-plan',
      message: `${plural(n, 'write')} to ${where} not made: not in the plan, or not delivered yet`,
      hint: 'The next run makes them; `nayose plan` shows them.',
    };
  return {
    ...base,
    code: 'pending',
    message: `${plural(n, 'write')} to ${where} not delivered yet`,
    hint: 'The next run goes on with them.',
  };
}
