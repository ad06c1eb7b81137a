import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global.ts'],
    setupFiles: ['test/support/plantedWatch.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    // A promise nobody waits for is a defect: vitest fails the run on unhandled rejections.
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
