import type { Env } from '../cli/session.ts';
import { KITS, type Tool, type Urls } from '../config/scaffold.ts';
import type { Asker } from './ask.ts';

/** What a tool is reached by: its address for hub.yaml, and the values of its variables for this process alone. */
export interface Access {
  urls: Urls;
  env: Env;
}

/** Asks for the addresses of the tools, and for each credential that the environment does not have. */
export async function askAccess(asker: Asker, tools: readonly Tool[], given: Access): Promise<Access> {
  const access: Access = { urls: { ...given.urls }, env: { ...given.env } };
  for (const tool of tools) {
    const { address, env } = KITS[tool];
    if (address && access.urls[tool] === undefined) {
      let answer = await asker.ask(`${address.question} [${address.usual}] `);
      while (answer !== '' && !isUrl(answer)) {
        asker.say(`'${answer}' is no address such as ${address.usual}`);
        answer = await asker.ask(`${address.question} [${address.usual}] `);
      }
      access.urls[tool] = answer === '' ? address.usual : answer;
    }
    for (const [name, note] of env) {
      if (access.env[name]) continue;
      const answer = await asker.askSecret(`${name}, the ${note} (used now and not kept; empty: later): `);
      if (answer === '') break;
      access.env[name] = answer;
    }
  }
  return access;
}

/** Tools whose credentials are all there. */
export const reachable = (tools: readonly Tool[], env: Env): Tool[] =>
  tools.filter((tool) => KITS[tool].tells && KITS[tool].env.every(([name]) => env[name]));

/** It stands in hub.yaml: an address with a password in it is none. */
export function isUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username + password === '';
}
