import { didYouMean } from '../../mappings/nearest.ts';
import type { ConfigProblem } from '../../mappings/problem.ts';
import type { Path, Source } from '../../mappings/source.ts';

export type Env = Record<string, string | undefined>;
/** What `${secret:NAME}` stands for, by name. */
export type Secrets = Readonly<Record<string, string>>;

/** `$${` stands for `${` itself. */
const VARIABLE = /\$?\$\{([^}]*)\}/g;
const NAME = /^[A-Za-z_]\w*$/;
/** A sealed secret's name: never with a slash, which is for what connectors keep for themselves. */
export const SECRET_REFERENCE = /^secret:([\w.-]+)$/;

/** The sealed secrets that these files ask for by `${secret:NAME}`, wherever it stands. */
export function secretsNamedIn(files: Record<string, string>): string[] {
  const names = Object.values(files).flatMap((text) =>
    [...text.matchAll(VARIABLE)].flatMap(([whole, inside = '']) =>
      whole.startsWith('$$') ? [] : (SECRET_REFERENCE.exec(inside)?.[1] ?? []),
    ),
  );
  return [...new Set(names)].sort();
}

/**
 * Fills `${NAME}` and `${secret:NAME}` in every text. What is filled in is hidden from all messages; `${NAME:-other}` is
 * `other` when NAME is not set. An expression (`when` of an alert) keeps its braces. `sealed`: the secrets that were used.
 */
export function fillEnvironment(
  source: Source,
  env: Env,
  secrets: Secrets = {},
): { source: Source; problems: ConfigProblem[]; sealed: string[] } {
  const problems: ConfigProblem[] = [];
  const sealed = new Set<string>();
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
    const open = text.lastIndexOf('$' + '{');
    if (open >= 0 && !text.includes('}', open) && text[open - 1] !== '$')
      return fail(
        `a "$\{" without its "}"`,
        'write the name between them; for the characters themselves write $${',
        `$\{NAME}`,
      );
    // A shell would take it for a variable; here it would be sent to the tool as it stands.
    const shell = path[0] === 'connections' ? /^\$([A-Z_][A-Z0-9_]*)$/.exec(text)?.[1] : undefined;
    if (shell !== undefined)
      return fail(
        `${text} is not how a variable is written here`,
        `write "$\{${shell}}" with the quotes`,
        `"$\{${shell}}"`,
      );
    return text.replace(VARIABLE, (whole, inside: string) => {
      if (whole.startsWith('$$')) return whole.slice(1);
      const secret = SECRET_REFERENCE.exec(inside)?.[1];
      if (secret !== undefined) {
        filled.add(keyOf(path));
        if (!Object.hasOwn(secrets, secret))
          return fail(
            `the hub keeps no secret called ${secret}`,
            didYouMean(secret, Object.keys(secrets)) ??
              'write the value itself and run: nayose apply --seal (or take it from the environment)',
          );
        sealed.add(secrets[secret]!);
        return secrets[secret]!;
      }
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
    sealed: [...sealed],
    source: { ...source, data, hidden: (path) => filled.has(keyOf(path)) },
  };
}
