/** `npm run chaos -- --rounds N --seed S [--database embedded|server]`: random people, faults and kills; then the laws. */
import { parseArgs } from 'node:util';
import { openPg } from '../../core/store/pg.ts';
import { type Server, startPostgres } from '../support/server.ts';
import { reportFailure, reportResult } from './report.ts';
import { type Database, playRounds } from './rounds.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    database: { type: 'string', default: 'both' },
  },
});

const DATABASES: readonly string[] = ['embedded', 'server', 'both'] satisfies Database[];
const whole = (name: 'rounds' | 'seed'): number => {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < 0)
    fail(`--${name} takes a whole number, and got '${values[name]}'`);
  return value;
};

function fail(message: string): never {
  process.stderr.write(`chaos: ${message}\n`);
  process.exit(1);
}

if (positionals.length > 0) fail(`there is no '${positionals.join(' ')}'`);
if (!DATABASES.includes(values.database)) fail(`--database is one of ${DATABASES.join(', ')}`);

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

const asked = { rounds: whole('rounds'), seed: whole('seed'), database: values.database as Database };
process.stdout.write(`chaos: ${asked.rounds} rounds, seed ${asked.seed}, database ${asked.database}\n`);
try {
  const result = await playRounds({
    ...asked,
    freshDatabase,
    told: (line) => process.stdout.write(`${line}\n`),
  });
  process.stdout.write(reportResult(result));
} catch (error) {
  process.stderr.write(reportFailure(error));
  process.exitCode = 1;
} finally {
  await server?.stop();
}
