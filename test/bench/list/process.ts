import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Cost {
  seconds: number;
  /** Of all processors and threads together. */
  processor: number;
  /** The most memory that was resident at once. */
  megabytes: number;
  stdout: string;
}

/** How often the process is looked at while it runs. */
const LOOK_MS = 50;

/**
 * Runs a command as a process of its own, and tells what it cost. Threads are part of a process; a command that starts further
 * processes would not be measured whole. `allowed`: exit codes that are no failure. Processor time and memory come from /proc: they are NaN where there is none.
 */
export async function measured(
  words: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
  allowed: readonly number[] = [0],
): Promise<Cost> {
  const started = performance.now();
  const child = spawn(process.execPath, words, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let [processor, megabytes] = [Number.NaN, Number.NaN];
  const look = () => {
    const found = usage(child.pid!);
    if (found !== undefined) ({ processor, megabytes } = found);
  };
  const looking = setInterval(look, LOOK_MS);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const code = await new Promise<number | null>((done, fail) => {
    child.on('error', fail);
    child.on('close', done);
  });
  clearInterval(looking);
  if (code === null || !allowed.includes(code))
    throw new Error(`${words.join(' ')} ended with ${code}: ${stdout.slice(0, 2000)}`);
  return { seconds: (performance.now() - started) / 1000, processor, megabytes, stdout };
}

/** Clock ticks a second, as Linux tells them to programs. */
const TICKS = 100;

function usage(pid: number): { processor: number; megabytes: number } | undefined {
  const text = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(text('status'))?.[1];
    const fields = text('stat')
      .replace(/^.*\) /, '')
      .split(' ');
    if (peak === undefined) return undefined;
    return { processor: (Number(fields[11]) + Number(fields[12])) / TICKS, megabytes: Number(peak) / 1024 };
  } catch (error) {
    // Ended between two looks, or a machine without /proc.
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
