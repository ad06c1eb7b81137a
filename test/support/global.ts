import type { TestProject } from 'vitest/node';
import { startPostgres } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the PostgreSQL server that runs for this test run. */
    postgres: string;
  }
}

/** One real PostgreSQL for the whole run; every test takes a fresh database of it (see databases.ts). */
export default async function setup(project: TestProject) {
  const server = await startPostgres();
  project.provide('postgres', server.url);
  return () => server.stop();
}
