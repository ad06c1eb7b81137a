/**
 * `npm run chaos -- --rounds N --seed S [--database embedded|server|both]`: random people, faults and kills; then the laws.
 * `npm run chaos -- kills --times N`: kill -9 at random moments of a first sync. `npm run chaos -- storm --records N`: many records
 * while a share of all calls fails.
 */
import { parseArgs } from 'node:util';
import { openPg } from '../../core/store/pg.ts';
import { type Server, startPostgres } from '../support/server.ts';
import { playKills } from './killing.ts';
import { reportFailure, reportKills, reportResult, reportStorm } from './report.ts';
import { type Database, playRounds } from './rounds.ts';
import { playStorm } from './storm.ts';

function fail(message: string): never {
  process.stderr.write(`chaos: ${message}\n`);
  process.exit(1);
}

function ask() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '200' },
        times: { type: 'string', default: '20' },
        records: { type: 'string', default: '1000' },
        share: { type: 'string', default: '0.2' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
        database: { type: 'string', default: 'both' },
      },
    });
  } catch (error) {
    return fail((error as Error).message);
  }
}

const { values, positionals } = ask();
const [what = 'rounds', ...rest] = positionals;

const whole = (name: 'rounds' | 'seed' | 'times' | 'records'): number => {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < (name === 'seed' ? 0 : 1))
    fail(`--${name} takes a whole number, and got '${values[name]}'`);
  return value;
};
const share = Number(values.share);
if (!(share >= 0 && share < 1)) fail(`--share is at least 0 and less than 1, and not '${values.share}'`);
const DATABASES: readonly string[] = ['embedded', 'server', 'both'] satisfies Database[];
if (!DATABASES.includes(values.database)) fail(`--database is one of ${DATABASES.join(', ')}`);
const database = values.database as Database;
const seed = whole('seed');

let server: Server | undefined;
let made = 0;
const freshDatabase = async (): Promise<string> => {
  server ??= await startPostgres();
  const name = `chaos_${++made}`;
  const admin = openPg(`${server.url}/postgres`, { max: 1 });
  await admin.query(`create database ${name}`);
  await admin.close();
  return `${server.url}/${name}`;
};
const each = database === 'both' ? (['embedded', 'server'] as const) : ([database] as const);
const on = (one: 'embedded' | 'server') => (one === 'server' ? freshDatabase : undefined);
const told = (line: string) => process.stdout.write(`${line}\n`);

const WORK: Record<string, () => Promise<void>> = {
  async rounds() {
    const rounds = whole('rounds');
    told(`chaos: ${rounds} rounds, seed ${seed}, database ${database}`);
    told(reportResult(await playRounds({ rounds, seed, database, freshDatabase, told })));
  },
  async kills() {
    const times = Math.ceil(whole('times') / each.length);
    for (const one of each) {
      told(`chaos: ${times} kill -9, seed ${seed}, database ${one}`);
      told(reportKills(await playKills({ times, seed, freshDatabase: on(one), told })));
    }
  },
  async storm() {
    const records = whole('records');
    for (const one of each) {
      told(`chaos: about ${records} records, seed ${seed}, database ${one}, ${share * 100}% of calls fail`);
      told(reportStorm(await playStorm({ records, seed, share, freshDatabase: on(one) })));
    }
  },
};

const work = WORK[what];
if (!work || rest.length > 0)
  fail(`there is no '${positionals.join(' ')}'; there are kills, storm, and rounds without a name`);
try {
  await work();
} catch (error) {
  process.stderr.write(reportFailure(error, `npm run chaos -- ${process.argv.slice(2).join(' ')}`, seed));
  process.exitCode = 1;
} finally {
  await server?.stop();
}
// The package of PostgreSQL ends every process that leaves by itself with 0, whatever its exit code was to be.
process.exit();
