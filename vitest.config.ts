import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longestFirst.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global.ts'],
    setupFiles: ['test/support/plantedWatch.ts'],
    // They catch what hangs; how long something takes on a busy machine is no test's business.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: 'forks',
    maxWorkers: 2,
    // Files share a process, one after the other: loading the same modules anew for each took a quarter of the whole time.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // A promise nobody waits for is a defect: vitest fails the run on unhandled rejections.
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
