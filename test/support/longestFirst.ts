import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, and what is left over: a long one that begins last would keep one worker alone with it. */
const ORDER = [
  /e2e\/(kill|spine|japan|chaos)/,
  /e2e\//,
  /runtime\/|property\/|api\/v1\/fuzz/,
  /api\/(serve|cli|demo)\//,
  /api\/|core\/(sync|jobs|store)\//,
];

const rank = ({ moduleId }: TestSpecification) => {
  const found = ORDER.findIndex((pattern) => pattern.test(moduleId));
  return found === -1 ? ORDER.length : found;
};

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}
