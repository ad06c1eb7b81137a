import { existsSync } from 'node:fs';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A real browser: the machine's Chromium, or the one that the lockfile brings (Linux x64). undefined where neither starts:
 * the tests that need it are then skipped by name.
 */
export async function openBrowser(): Promise<Browser | undefined> {
  const installed = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path));
  if (installed) return playwright.launch({ executablePath: installed, args: FLAGS });
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  // Outside of a cloud function the package unpacks its shared libraries only when told that this is one.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x';
  const executablePath = await chromium.executablePath();
  // In one process with its pages the browser dies now and then as one of them closes.
  const args = chromium.args.filter((arg) => arg !== '--single-process' && arg !== '--no-zygote');
  return playwright.launch({ executablePath, args: [...args, ...FLAGS] });
}
