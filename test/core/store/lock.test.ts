import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoreError } from '../../../core/store/db.ts';
import { holderOf, lockFolder } from '../../../core/store/lock.ts';

const NOW = new Date('2026-01-02T03:04:05.000Z');
let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'nayose-lock-')), 'data');
});
afterEach(async () => {
  await Promise.all(children.splice(0).map(end));
  await rm(join(folder, '..'), { recursive: true, force: true });
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Another process that takes the folder and keeps it until it is killed. `said`: 'held', or why not. */
async function other(): Promise<{ child: ChildProcess; said: string }> {
  const module = new URL('../../../core/store/lock.ts', import.meta.url).href;
  const code = `import { lockFolder } from ${JSON.stringify(module)};
    try { await lockFolder(process.argv[1], new Date()); console.log('held'); setInterval(() => {}, 1000); }
    catch (error) { console.log(error.message); }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [said] = await once(child.stdout!, 'data');
  return { child, said: String(said).trim() };
}

/** A lock as a process left it. */
async function leave(content: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'lock.json'), content);
}
const holder = (more: object) =>
  JSON.stringify({ pid: process.pid, host: hostname(), started: '1', since: NOW.toISOString(), ...more });

const failure = async (work: Promise<unknown>): Promise<StoreError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
};

describe('one process at a time', () => {
  test('a free folder is made and taken; released, nothing is left', async () => {
    expect(await holderOf(folder)).toBeUndefined();
    const lock = await lockFolder(folder, NOW);
    expect(await holderOf(folder)).toMatchObject({
      pid: process.pid,
      host: hostname(),
      since: NOW.toISOString(),
    });
    expect(await readdir(folder)).toEqual(['lock.json']);
    await lock.release();
    await lock.release();
    expect([await holderOf(folder), await readdir(folder)]).toEqual([undefined, []]);
  });

  test('what another process holds is refused by name, and taken over once that is dead', async () => {
    const { child, said } = await other();
    expect(said).toBe('held');
    const error = await failure(lockFolder(folder, NOW));
    expect(error.message).toContain(`in use by process ${child.pid} on ${hostname()}`);
    expect(error.hint).toMatch(/NAYOSE_DATA/);
    expect((await holderOf(folder))?.pid).toBe(child.pid);
    await end(child);
    expect(await holderOf(folder)).toBeUndefined();
    const lock = await lockFolder(folder, NOW);
    expect((await holderOf(folder))?.pid).toBe(process.pid);
    expect((await other()).said).toContain(`in use by process ${process.pid}`);
    await lock.release();
  });

  test.each([
    ['a free folder', undefined],
    ['a dead lock', holder({ started: 'of an earlier process' })],
  ])('of three that take %s at once, one gets it', async (_, before) => {
    if (before) await leave(before);
    const said = (await Promise.all([other(), other(), other()])).map((one) => one.said);
    expect(said.filter((text) => text === 'held').length).toBe(1);
    expect((await readdir(folder)).filter((name) => name !== 'lock.json')).toEqual([]);
  });

  test('twice in one process is refused too, and the first stays', async () => {
    const lock = await lockFolder(folder, NOW);
    expect((await failure(lockFolder(folder, NOW))).message).toContain('in use');
    expect(await readdir(folder)).toEqual(['lock.json']);
    await lock.release();
  });

  test('a later process with the pid of the dead one does not hold its folder', async () => {
    await leave(holder({ started: 'before that' }));
    await (await lockFolder(folder, NOW)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  test('a holder on another machine cannot be looked at, so it is believed', async () => {
    await leave(holder({ host: 'another.example' }));
    expect((await failure(lockFolder(folder, NOW))).message).toContain('on another.example');
  });
});

test('where it serves is told, to its owner only', async () => {
  const lock = await lockFolder(folder, NOW);
  await lock.serving('http://127.0.0.1:8787', 'secret key');
  expect(await holderOf(folder)).toMatchObject({ url: 'http://127.0.0.1:8787', key: 'secret key' });
  expect((await stat(join(folder, 'lock.json'))).mode & 0o077).toBe(0);
  const error = await failure(lockFolder(folder, NOW));
  expect(error.hint).toContain('http://127.0.0.1:8787');
  expect(`${error.message} ${error.hint}`).not.toContain('secret key');
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
});

describe('bad input', () => {
  test.each([
    ['text', 'garbage'],
    ['nothing', ''],
    ['half a lock', '{"pid": 12'],
    ['JSON that is none: null', 'null'],
    ['JSON that is none: a number', '12'],
    ['JSON that is none: no holder', '{}'],
    ['JSON that is none: a pid of text', holder({ pid: 'twelve' })],
  ])('a lock file that holds %s is named and left alone', async (_, content) => {
    await leave(content);
    for (const work of [() => lockFolder(folder, NOW), () => holderOf(folder)]) {
      const error = await failure(work());
      expect(error.message).toBe(`${join(folder, 'lock.json')} is not a lock of Nayose`);
      expect(error.hint).toMatch(/delete/);
    }
    expect(await readFile(join(folder, 'lock.json'), 'utf8')).toBe(content);
    expect(await readdir(folder)).toEqual(['lock.json']);
  });

  test.each([
    ['is a file', []],
    ['lies below a file', ['deeper']],
  ])('a folder that %s gets an error that says what to do', async (_, below) => {
    await mkdir(join(folder, '..'), { recursive: true });
    await writeFile(folder, 'precious');
    for (const work of [
      () => lockFolder(join(folder, ...below), NOW),
      () => holderOf(join(folder, ...below)),
    ])
      expect((await failure(work())).hint).toMatch(/NAYOSE_DATA to a folder/);
    expect(await readFile(folder, 'utf8')).toBe('precious');
  });
});
