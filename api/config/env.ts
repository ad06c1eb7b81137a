import { didYouMean } from '../../mappings/nearest.ts';
import type { ConfigProblem } from '../../mappings/problem.ts';
import type { Path, Source } from '../../mappings/source.ts';

export type Env = Record<string, string | undefined>;

/** `$${` stands for `${` itself. */
const VARIABLE = /\$?\$\{([^}]*)\}/g;
const NAME = /^[A-Za-z_]\w*$/;

/**
 * Fills `${NAME}` in every text. What is filled in is hidden from all messages; `${NAME:-other}` is `other`
 * when NAME is not set. An expression (`when` of an alert) keeps its braces.
 */
export function fillEnvironment(source: Source, env: Env): { source: Source; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const filled = new Set<string>();
  const keyOf = (path: Path) => path.map(String).join('\u0000');

  const fillText = (text: string, path: Path): string => {
    const fail = (message: string, fix: string, expected?: string) => {
      problems.push({
        severity: 'error',
        place: source.place(path),
        message,
        ...(expected === undefined ? {} : { expected }),
        fix,
      });
      return '';
    };
    return text.replace(VARIABLE, (whole, inside: string) => {
      if (whole.startsWith('$$')) return whole.slice(1);
      const [name = '', ...rest] = inside.split(':-');
      if (!NAME.test(name))
        return fail(
          `${whole} does not name a variable of the environment`,
          'for the characters themselves write $${',
          `$\{NAME}`,
        );
      filled.add(keyOf(path));
      const value = env[name];
      if (value !== undefined && value !== '') return value;
      if (rest.length > 0) return rest.join(':-');
      const state = value === '' ? 'is empty' : 'is not set';
      const guess =
        value === ''
          ? undefined
          : didYouMean(
              name,
              Object.keys(env).filter((other) => env[other]),
            );
      return fail(
        `the environment variable ${name} ${state}`,
        guess ?? `set it, for example in .env: ${name}=…`,
      );
    });
  };
  const fill = (value: unknown, path: PropertyKey[]): unknown => {
    if (typeof value === 'string')
      return path[0] === 'alerts' && path[2] === 'when' ? value : fillText(value, path);
    if (Array.isArray(value)) return value.map((item, i) => fill(item, [...path, i]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, fill(inner, [...path, key])]),
    );
  };
  const data = fill(source.data, []);
  return {
    problems,
    source: { ...source, data, hidden: (path) => filled.has(keyOf(path)) },
  };
}
