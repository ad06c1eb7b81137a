/** What goes wrong with the tools' answers. */
import type { Random } from '../../api/demo/world/random.ts';
import type { Fault, Sandbox, SandboxCall } from '../../connectors/sandbox.ts';

const HTML = '<!DOCTYPE html><html><body><h1>Service Unavailable</h1></body></html>';

const KINDS: readonly (readonly [number, string, (rng: Random) => Fault])[] = [
  [3, '429', (rng) => ({ status: 429, ...(rng.chance(0.3) ? { headers: { 'retry-after': '1' } } : {}) })],
  [2, '500', () => ({ status: 500, body: '{"status":"error","message":"internal error"}' })],
  [2, '502 in HTML', () => ({ status: 502, headers: { 'content-type': 'text/html' }, body: HTML })],
  [2, '503', () => ({ status: 503 })],
  [1, '200 in HTML', () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: HTML })],
  [3, 'reset', () => 'reset'],
  [3, 'lost answer', () => 'lost-answer'],
  [2, 'truncated', () => 'truncated'],
  [3, 'slow', (rng) => ({ slow: 20 + rng.int(400) })],
];

export interface Trouble {
  /** The share of calls that go wrong. */
  share: number;
  /** Beside that, the answer to every so many-th call that creates is lost; 0: none. */
  loseEvery: number;
  counts: Record<string, number>;
}

/**
 * Makes a share of this sandbox's calls go wrong, one kind or another. What befalls the nth call follows from the seed alone.
 * Logging in is left alone: a hub that cannot log in rests, and says so.
 */
export function trouble(sandbox: Sandbox, rng: Random, loseEvery = 0): Trouble {
  const state: Trouble = { share: 0, loseEvery, counts: {} };
  let creating = 0;
  const count = (kind: string) => {
    state.counts[kind] = (state.counts[kind] ?? 0) + 1;
  };
  sandbox.fault = (call: SandboxCall) => {
    if (call.creates > 0) creating++;
    if (state.share === 0 || call.path.includes('oauth')) return undefined;
    const every = state.loseEvery;
    if (every > 0 && call.creates > 0 && creating % every === 0) {
      count('lost create');
      return 'lost-answer';
    }
    const own = rng.fork(call.n);
    if (!own.chance(state.share)) return undefined;
    const [kind, fault] = own.weighted(KINDS.map(([weight, name, make]) => [weight, [name, make]] as const));
    count(kind);
    return fault(own);
  };
  return state;
}
