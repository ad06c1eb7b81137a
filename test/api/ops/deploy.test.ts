/** What can be held of files that no test can run here: they parse, and they name what exists. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const root = join(import.meta.dirname, '../../..');
const text = (path: string) => readFileSync(join(root, path), 'utf8');
const docs = text('docs/operations.md');
const section = (title: string) => docs.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
const firstColumn = (part: string) =>
  [...part.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
  );

/** Of whoever starts the hub, not the hub's own. */
const OF_THE_SYSTEM = ['PATH', 'HOME', 'USER', 'LOGNAME', 'USERNAME'];
const sources = readdirSync(join(root, 'api'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.startsWith('worker'))
  .map((name) => text(join('api', name)));
const read = new Set(
  sources
    .flatMap((code) => [
      ...code.matchAll(/\benv\??\.([A-Z][A-Z0-9_]+)\b/g),
      ...code.matchAll(/\benv\??\.?\[?['"](NAYOSE_[A-Z_]+)['"]/g),
      ...code.matchAll(/['"](NAYOSE_[A-Z_]+)['"]/g),
    ])
    .map(([, name]) => name!)
    .filter((name) => !OF_THE_SYSTEM.includes(name)),
);

describe('docs/operations.md', () => {
  test('names every variable that the hub reads, and no other', () => {
    expect(firstColumn(section('Environment')).sort()).toEqual([...read].sort());
  });

  test('names every metric there is, and no other', () => {
    const code = text('api/ops/metrics.ts');
    const made = [...code.matchAll(/(?:name: 'nayose_|counter\(\s*'|gauge\(\s*')([a-z_]+)'/g)].map(
      ([, name]) => `nayose_${name}`,
    );
    const [told] = section('Metrics').split('Alerts worth having');
    expect(firstColumn(told!).sort()).toEqual([...new Set(made)].sort());
    for (const [name] of docs.matchAll(/nayose_[a-z_]+(?=[{\s[`)/])/g))
      expect(
        made.flatMap((one) => [one, `${one}_bucket`]),
        name,
      ).toContain(name);
  });

  test('links lead to files, and its YAML parses', () => {
    for (const [, target] of docs.matchAll(/\]\(([^)#]+)\)/g))
      expect(existsSync(join(root, 'docs', target!)), target).toBe(true);
    for (const [, yaml] of docs.matchAll(/```yaml\n([\s\S]*?)```/g))
      expect(parseAllDocuments(yaml!)[0]!.errors).toEqual([]);
  });
});

describe('deploy', () => {
  const dockerfile = text('deploy/Dockerfile');

  test('the compose file: two hubs alike on one database, nothing secret in it, no port to the outside', () => {
    const { services } = parse(text('deploy/compose.yaml'), { merge: true }) as {
      services: Record<
        string,
        { environment: Record<string, string>; ports?: string[]; image: string; healthcheck?: object }
      >;
    };
    expect(Object.keys(services).sort()).toEqual(['database', 'hub-1', 'hub-2']);
    const { ports: one, ...first } = services['hub-1']!;
    const { ports: other, ...second } = services['hub-2']!;
    expect(first).toEqual(second);
    for (const port of [one, other].flat()) expect(port).toMatch(/^127\.0\.0\.1:\d+:8787$/);
    expect(services.database!.healthcheck).toBeDefined();
    const known = new Set([...read, 'POSTGRES_USER', 'POSTGRES_PASSWORD', 'POSTGRES_DB']);
    for (const { environment } of Object.values(services))
      for (const [name, value] of Object.entries(environment)) {
        expect([...known]).toContain(name);
        if (/PASSWORD|TOKEN|KEY$/.test(name)) expect(value).toMatch(/^\$\{/);
      }
  });

  test('the image: what it copies exists, it runs as no root, and says whether it is up', () => {
    for (const [, from] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm))
      for (const path of from!.split(' ')) expect(existsSync(join(root, path)), path).toBe(true);
    for (const [, entry] of text('deploy/Dockerfile.dockerignore').matchAll(/^!(.+)$/gm))
      expect(dockerfile).toContain(entry!);
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
    expect(dockerfile).toMatch(/^FROM node:24-slim$/m);
    for (const [line] of dockerfile.matchAll(/^(?:ENTRYPOINT|CMD) (\[.+\])$/gm))
      expect(() => JSON.parse(line.replace(/^\w+ /, ''))).not.toThrow();
    const [, entry] = /^ENTRYPOINT \["node", "(.+)"\]$/m.exec(dockerfile)!;
    expect(existsSync(join(root, entry!))).toBe(true);
  });

  test('the unit: every line is a section, a comment or a setting, and its program exists', () => {
    const unit = text('deploy/nayose.service');
    for (const line of unit.split('\n')) expect(line).toMatch(/^(#.*|\[\w+\]|[A-Za-z]+=.*|)$/);
    const [start] = /^ExecStart=.*$/m.exec(unit)!;
    for (const [, path] of start.matchAll(/\/opt\/nayose\/(\S+)/g))
      expect(existsSync(join(root, path!)), path).toBe(true);
    expect(start).toContain(' serve ');
    expect(unit).toMatch(/^NoNewPrivileges=yes$/m);
    const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)![1]);
    expect(seconds * 1000).toBeGreaterThan(
      Number(/GRACE_MS = ([\d_]+)/.exec(text('api/node.ts'))![1]!.replaceAll('_', '')) + 5_000,
    );
  });
});
