import { SECRET_KEY } from '../../mappings/problem.ts';
import type { HubConfig } from './types.ts';

/** Shorter texts would be found everywhere in a log, and are no secrets. */
const SHORTEST = 6;

/**
 * Every text of the connections that must never be printed: what stands under a secret-sounding key, at any
 * depth, credentials inside addresses, and whatever the hub had sealed. Longest first, so that a part is never replaced before the whole.
 */
export function secretsOf(
  config: Pick<HubConfig, 'connections'> & Partial<Pick<HubConfig, 'sealed'>>,
): string[] {
  const found = new Set<string>();
  const add = (text: string) => {
    if (text.length >= SHORTEST) found.add(text);
  };
  const visit = (value: unknown, secret: boolean) => {
    if (typeof value === 'string') {
      if (secret) add(value);
      const login = /^[a-z][a-z0-9+.-]*:\/\/([^/@\s]+)@/i.exec(value)?.[1];
      if (login !== undefined) for (const part of [login, ...login.split(':').slice(1)]) add(part);
    } else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) visit(inner, secret || SECRET_KEY.test(key));
  };
  for (const { config: own, hookKey } of Object.values(config.connections)) {
    visit(own, false);
    if (hookKey !== undefined) add(hookKey);
    // Slack's and Teams' addresses sign for whoever knows them.
    const { format, url } = own as { format?: unknown; url?: unknown };
    if ((format === 'slack' || format === 'teams') && typeof url === 'string') add(url);
  }
  for (const value of config.sealed ?? []) add(value);
  return [...found].sort((a, b) => b.length - a.length);
}

/** `text` with every secret replaced, also where it stands URL-encoded or inside JSON. */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets)
    for (const form of new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]))
      clean = clean.replaceAll(form, '[secret]');
  return clean;
}
