import { until, type World } from '../api/serve/harness.ts';
import { nayose, type Running } from './cli.ts';

export interface Serving extends Running {
  url: string;
  pid: number;
}

/**
 * A `nayose serve` of this world as a process of its own, once it listens. `told` gets it at once, so that it can be killed before; one that
 * ends by itself is an error.
 */
export async function startServing(world: World, told: (serving: Serving) => void): Promise<void> {
  const running = nayose(['serve', '--config', world.dir, '--json'], world.env);
  let said = '';
  running.child.stdout!.on('data', (text: string) => {
    said += text;
  });
  const serving: Serving = { ...running, url: '', pid: running.child.pid! };
  told(serving);
  const ended = running.ended.then(({ code, stderr }) => {
    throw new Error(`serve ended with ${code}: ${stderr}`);
  });
  ended.catch(() => undefined);
  await Promise.race([until(() => said.includes('\n')), ended]);
  serving.url = (JSON.parse(said) as { listening: string }).listening;
}
