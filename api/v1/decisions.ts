import { z } from '@hono/zod-openapi';
import { actPage } from '../../core/store/decisions.ts';
import { decide } from '../../core/sync/decide.ts';
import { undo } from '../../core/sync/undo.ts';
import type { Asked } from '../../core/sync/wish.ts';
import { syncsOf } from '../cli/commands/decide/syncs.ts';
import { attributeOf, readValue } from '../cli/commands/decide/value.ts';
import { ACT, OUTCOME, refusing, showOutcome } from './decisionShapes.ts';
import { hubOf, type V1Deps } from './deps.ts';
import { type Call, operation } from './frame/operation.ts';
import { PAGE, page, pageOf, readCursor } from './frame/paging.ts';
import { unprocessable } from './frame/refusal.ts';
import { GOLDEN_ID, goldenOr404 } from './golden.ts';
import { name, VALUE } from './shapes.ts';

const WORD = z.string().min(1).max(2000);
const REASON = z.string().max(2000).optional().openapi({ description: 'Kept with the decision.' });
const FORCE = z.boolean().default(false).openapi({
  description: 'Overrules earlier decisions that contradict this one; they are kept, as ended by it.',
});
const OTHER = WORD.openapi({
  description: 'A golden id, which means all its records, or one record: connection/object/id.',
});

const COMMON = {
  tag: 'Golden records',
  role: 'operator',
  params: GOLDEN_ID,
  ifMatch: 'optional',
  problems: [404, 409, 422, 501, 502, 503] as (404 | 409 | 422 | 501 | 502 | 503)[],
  answer: {
    description:
      'What came of it. The tools are told by the next sync, or within a minute where the sync is realtime.',
    schema: OUTCOME,
  },
} as const;

/** Decides in the name of the caller, on the version that they looked at. */
async function take(
  call: Call,
  id: string,
  asked: (golden: string) => Asked,
  given: { reason?: string | undefined; force?: boolean },
) {
  const golden = await goldenOr404(call.deps, id);
  call.match(golden.version);
  const hub = hubOf(call.deps);
  const outcome = await refusing(() =>
    decide(
      hub.engine,
      syncsOf(hub),
      asked(golden.id),
      { by: call.who.name, reason: given.reason },
      {
        force: given.force,
        // What was matched a moment ago must still be so when the decision is taken.
        ...(call.c.req.header('if-match') === undefined ? {} : { ifVersion: golden.version }),
      },
    ),
  );
  if (outcome.act) call.target(`golden/${golden.id} ${outcome.act.id}`);
  return { body: showOutcome(outcome) };
}

const split = operation({
  ...COMMON,
  method: 'post',
  path: '/v1/golden/{id}/split',
  id: 'splitGolden',
  summary: 'Takes records out of a golden record',
  description:
    'Each part gets its own values back, as far as the tools allow: `notReturned` names the rest. The same as `nayose split`.',
  emptyBody: true,
  body: z.strictObject({
    records: z.array(WORD).max(200).default([]).openapi({
      description:
        'These go out together: connection/object/id, or the tool’s own id. None: each becomes its own.',
    }),
    reason: REASON,
  }),
  handle: ({ params, body }, call) =>
    take(call, params.id, (golden) => ({ kind: 'split', golden, records: body.records }), body),
});

const pairing = (kind: 'link' | 'apart', id: string, summary: string) =>
  operation({
    ...COMMON,
    method: 'post',
    path: `/v1/golden/{id}/${kind}`,
    id,
    summary,
    description: `It outlives every automatic decision. Contradicts it an earlier one: 409 names who decided that. The same as \`nayose ${kind}\`.`,
    body: z.strictObject({ with: OTHER, reason: REASON, force: FORCE }),
    handle: ({ params, body }, call) => take(call, params.id, (a) => ({ kind, a, b: body.with }), body),
  });

const link = pairing('link', 'linkGolden', 'Says that a golden record and another, or a record, are one');
const apart = pairing('apart', 'keepApart', 'Says that a golden record and another, or a record, are two');

const records = operation({
  ...COMMON,
  method: 'post',
  path: '/v1/decisions',
  id: 'decideRecords',
  summary: 'Links two records, or keeps them apart',
  description: 'As link and apart of golden records, for any two: golden ids or records.',
  params: {},
  body: z.strictObject({ kind: z.enum(['link', 'apart']), a: OTHER, b: OTHER, reason: REASON, force: FORCE }),
  async handle({ body }, call) {
    const hub = hubOf(call.deps);
    const { kind, a, b, reason, force } = body;
    const who = { by: call.who.name, reason };
    const outcome = await refusing(() => decide(hub.engine, syncsOf(hub), { kind, a, b }, who, { force }));
    if (outcome.act) call.target(`decisions/${outcome.act.id}`);
    return { body: showOutcome(outcome) };
  },
});

async function entityOf(deps: V1Deps, id: string) {
  const { entity } = await goldenOr404(deps, id);
  const { config } = hubOf(deps);
  const found = config.entities[entity];
  if (!found) throw unprocessable(`the configuration knows no entity ${entity} any more`);
  return { entity: found, locale: config.hub };
}

const pin = operation({
  ...COMMON,
  method: 'post',
  path: '/v1/golden/{id}/pin',
  id: 'pinValue',
  summary: 'Holds a value against every edit and rule',
  description: 'Until it is cleared. The same as `nayose pin`.',
  body: z.strictObject({
    attribute: z.string().min(1).max(200),
    value: VALUE.openapi({
      description:
        'As the attribute’s type is; of a reference a golden id or connection/object/id; null: empty.',
    }),
    reason: REASON,
    force: FORCE,
  }),
  async handle({ params, body }, call) {
    const { entity, locale } = await entityOf(call.deps, params.id);
    const value = await refusing(() => readValue(entity, body.attribute, body.value, locale));
    return take(call, params.id, (golden) => ({ kind: 'pin', golden, ...value }), body);
  },
});

const unpin = operation({
  ...COMMON,
  method: 'delete',
  path: '/v1/golden/{id}/pin',
  id: 'clearPin',
  summary: 'Ends a pin: the records have their say again',
  query: { attribute: z.string().min(1).max(200), reason: REASON },
  async handle({ params, query }, call) {
    const { entity } = await entityOf(call.deps, params.id);
    const attribute = await refusing(() => attributeOf(entity, query.attribute));
    return take(call, params.id, (golden) => ({ kind: 'unpin', golden, attribute }), query);
  },
});

const PLACE = z.object({ at: z.string().datetime(), id: z.string() });

const list = operation({
  method: 'get',
  path: '/v1/decisions',
  id: 'listDecisions',
  summary: 'Lists what people decided by hand',
  tag: 'Golden records',
  role: 'viewer',
  query: { ...PAGE, entity: z.string().max(200).optional() },
  answer: { description: 'A page, newest first; undone ones too.', schema: pageOf(ACT, 'DecisionPage') },
  async handle({ query: { cursor, limit, entity } }, { deps }) {
    const before = readCursor(cursor, PLACE) ?? null;
    const rows = await actPage(deps.db(), { entity: entity ?? null, before }, limit + 1);
    return {
      body: page(
        rows,
        limit,
        ({ at, id }) => ({ at, id }),
        (row) => row,
      ),
    };
  },
});

const undoing = operation({
  method: 'post',
  path: '/v1/decisions/{id}/undo',
  id: 'undoDecision',
  summary: 'Undoes a decision',
  description:
    'What it had overruled is in force again, as far as nothing newer contradicts it. 409 where somebody undid it before.',
  tag: 'Golden records',
  role: 'operator',
  params: { id: name('The id of a decision.') },
  emptyBody: true,
  body: z.strictObject({ reason: REASON }),
  problems: [404, 409, 422, 501, 502, 503],
  answer: { description: 'What came of it.', schema: OUTCOME },
  async handle({ params, body }, call) {
    const hub = hubOf(call.deps);
    const who = { by: call.who.name, reason: body.reason };
    return { body: showOutcome(await refusing(() => undo(hub.engine, syncsOf(hub), params.id, who))) };
  },
});

export const decisionOperations = [split, link, apart, pin, unpin, list, records, undoing];
