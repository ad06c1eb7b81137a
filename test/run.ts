/**
 * `npm test`: lint, types, then every test; the last line is the count. What this machine cannot run is named; in CI (CI=true)
 * that is a failure, save for tests of data that the checkout does not bring.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findLeaks } from './support/planted.ts';

interface Assertion {
  status: 'passed' | 'failed' | 'pending' | 'skipped' | 'todo';
  fullName: string;
}
interface Results {
  testResults: { name: string; status: string; message: string; assertionResults: Assertion[] }[];
}

const bin = (name: string) => join(import.meta.dirname, '..', 'node_modules', '.bin', name);

function run(title: string, command: string, args: string[]): boolean {
  process.stdout.write(`\n── ${title}\n`);
  const { status, error } = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    // Most files load the same libraries: compiled once is enough.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
  });
  if (error) process.stdout.write(`${title}: ${error.message}\n`);
  return status === 0;
}

const folder = mkdtempSync(join(tmpdir(), 'nayose-results-'));
let passed = 0;
let failed = 0;
const skipped: string[] = [];
const count = (ok: boolean) => {
  if (ok) passed++;
  else failed++;
};

count(run('lint', bin('biome'), ['check', '--error-on-warnings', '.']));
count(run('types', bin('tsc'), ['--noEmit']));
const report = join(folder, 'results.json');
const said = join(folder, 'output.jsonl');
writeFileSync(said, '');
process.env.NAYOSE_TEST_OUTPUT = said;
const tests = run('tests', process.execPath, [
  bin('vitest'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile=${report}`,
  ...process.argv.slice(2),
]);
try {
  const results = JSON.parse(readFileSync(report, 'utf8')) as Results;
  for (const file of results.testResults) {
    if (file.assertionResults.length === 0 && file.status === 'failed') failed++;
    for (const { status, fullName } of file.assertionResults) {
      if (status === 'passed') passed++;
      else if (status === 'failed') failed++;
      else skipped.push(fullName);
    }
  }
} catch (error) {
  failed++;
  process.stdout.write(`no test results: ${(error as Error).message}\n`);
}
// An unhandled rejection fails the run though every test passed.
if (!tests && failed === 0) failed++;

process.stdout.write('\n── planted secrets and persons in what servers said\n');
const { places, leaks } = findLeaks(said);
for (const { what, where, line } of leaks)
  process.stdout.write(`${what} stands in ${where} (output ${line})\n`);
// A run of a few named tests may start no server at all.
if (places === 0 && process.argv.length === 2) process.stdout.write('nothing was kept to be searched\n');
count(leaks.length === 0 && (places > 0 || process.argv.length > 2));
process.stdout.write(`${places} places searched, ${leaks.length} finds\n`);
rmSync(folder, { recursive: true, force: true });

if (skipped.length > 0)
  process.stdout.write(`\nskipped:\n${skipped.map((name) => `  ${name}`).join('\n')}\n`);
process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped.length} skipped\n`);
process.exitCode = failed > 0 ? 1 : 0;
