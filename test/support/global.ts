import type { TestProject } from 'vitest/node';
import { migrate } from '../../core/store/migrate.ts';
import { openPg } from '../../core/store/pg.ts';
import { makeImage } from './image.ts';
import { startPostgres } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the PostgreSQL server that runs for this test run. */
    postgres: string;
    /** A database of that server with the hub's schema, which nobody is connected to: see freshPostgres. */
    template: string;
    /** See image.ts. */
    image: string;
  }
}

const TEMPLATE = 'nayose_template';

/** One real PostgreSQL for the whole run; every test takes a fresh database of it (see databases.ts). */
export default async function setup(project: TestProject) {
  const [server, image] = await Promise.all([startPostgres({ durable: false }), makeImage()]);
  const admin = openPg(`${server.url}/postgres`, { max: 1 });
  await admin.query(`create database ${TEMPLATE}`);
  await admin.close();
  const template = openPg(`${server.url}/${TEMPLATE}`, { max: 1 });
  await migrate(template);
  await template.close();
  project.provide('postgres', server.url);
  project.provide('template', TEMPLATE);
  project.provide('image', image);
  return () => server.stop();
}
