/** The console in a real browser: the link signs in, the overview tells the truth, a golden record shows who lost. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeWorld, type ServedHub, serveHub, TOKEN, type World } from '../api/serve/harness.ts';
import { openBrowser } from '../support/browser.ts';

const browser: Browser | undefined = await openBrowser();

describe.skipIf(!browser)('the console (needs a Chromium)', () => {
  let world: World;
  let hub: ServedHub;
  beforeAll(async () => {
    world = await makeWorld();
    hub = await serveHub(world);
  });
  afterAll(async () => {
    await hub?.end();
    await world?.close();
    await browser?.close();
  });

  test('without a token nothing is shown; the link signs in, and the token leaves the address', async () => {
    const page = await browser!.newPage();
    const refused = await page.goto(hub.url);
    expect(refused!.status()).toBe(401);
    await page.goto(`${hub.url}/?token=${TOKEN}`);
    expect(new URL(page.url()).search).toBe('');
    const text = await page.innerText('body');
    for (const name of ['crm', 'ma', 'people']) expect(text).toContain(name);
    const failures: string[] = [];
    page.on('pageerror', (error) => failures.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') failures.push(message.text());
    });
    await page.reload();
    expect(failures).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    await page.close();
  });

  test('speaks Japanese to those who read it', async () => {
    const context = await browser!.newContext({ locale: 'ja-JP' });
    const page = await context.newPage();
    await page.goto(`${hub.url}/?token=${TOKEN}`);
    expect(await page.getAttribute('html', 'lang')).toBe('ja');
    expect(await page.innerText('body')).toMatch(/[ぁ-ん]/);
    await context.close();
  });
});
