import { names } from './options.ts';

/** `npm run bench [-- cleanse | csv | sync | realtime | resolve | scale | transfer | worker | match …]`: ours and a yardstick in one run, and their ratio. Without a name, all. */
const BENCHES: Record<string, { about: string; load(): Promise<{ run(): Promise<void> }> }> = {
  sync: {
    about: 'initial two-way sync against a hand-written one-way copy',
    load: () => import('./sync.ts'),
  },
  realtime: {
    about: 'webhooks in and written back against a bare Hono app',
    load: () => import('./realtime.ts'),
  },
  resolve: { about: 'resolve and persist against a bare batched upsert', load: () => import('./resolve.ts') },
  scale: { about: 'cost of a page as the store grows', load: () => import('./scale.ts') },
  worker: {
    about: 'what Cloudflare Workers limit: bundle, CPU time, memory',
    load: () => import('./worker.ts'),
  },
  transfer: { about: 'export and import against bare reading', load: () => import('./transfer.ts') },
  cleanse: {
    about: 'a list of a million people against bare reading and grouping',
    load: () => import('./cleanse.ts'),
  },
  csv: {
    about: 'a long file: reading, changing rows in it, and a sync from it to another',
    load: () => import('./csv.ts'),
  },
  match: { about: 'quality of matching on labelled data', load: () => import('./match.ts') },
};

const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  process.stderr.write(
    `bench: there is no '${unknown.join("', '")}'; there are ${Object.keys(BENCHES).join(', ')}\n`,
  );
  process.exitCode = 1;
} else
  try {
    for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
      process.stdout.write(`\n## ${name}: ${BENCHES[name]!.about}\n`);
      await (await BENCHES[name]!.load()).run();
    }
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).stack}\n`);
    process.exitCode = 1;
  }
// The package of PostgreSQL ends every process that leaves by itself with 0, whatever its exit code was to be.
process.exit();
