import { expect, test } from 'vitest';
import { planText } from '../../../api/cli/commands/plan/text.ts';
import { reportText } from '../../../api/cli/commands/sync.ts';
import { counted } from '../../../api/cli/out.ts';
import { reportLines } from '../../../api/demo/tourText.ts';
import { NO_COUNTS } from '../../../core/store/runs.ts';

const REPORT = {
  ...NO_COUNTS,
  run: 'r1',
  status: 'complete',
  apiCalls: {},
  seconds: 1,
  resumeAt: null,
  pushed: [],
  reasons: [],
  runs: [],
};

test.each([
  [0, '0 rows'],
  [1, '1 row'],
  [1200, '1,200 rows'],
])('%i', (n, text) => expect(counted(n, 'row')).toBe(text));

test('what a sync and a plan say of one is said of one', () => {
  const one = { ...REPORT, read: 1, golden: 1, linked: 1, reviews: 1, failed: 1, archived: 1, blocked: 1 };
  const said = reportText(one);
  for (const text of [
    '1 doubtful pair waits for a person',
    '1 value or record was refused',
    '1 record was deleted in a tool',
    '1 record of erased persons came again, and was not imported',
  ])
    expect(said).toContain(text);
  const plan = planText({ writes: [], links: [], merges: [], splits: [], reviews: [] }, [], one);
  expect(plan).toContain('Read 1 record: 1 golden record, 1 link, 1 doubtful pair for review.');
  expect(reportText({ ...one, reviews: 2, failed: 2 })).toMatch(
    /2 values or records were refused.*\n2 doubtful pairs wait/,
  );
});

test('the demo names the command that explains what was refused, where something was', () => {
  expect(reportLines({ ...REPORT, failed: 29 }, {}).join('\n')).toContain('nayose failures');
  expect(reportLines(REPORT, {}).join('\n')).not.toContain('nayose failures');
});
