import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { terminalAsker } from '../../../api/init/ask.ts';
import { isUrl } from '../../../api/init/interview.ts';

test('a secret is never on the screen: not as it is typed, and not by the arrow keys at the next question', async () => {
  const keyboard = new PassThrough();
  const screen = new PassThrough();
  let shown = '';
  screen.on('data', (chunk) => {
    shown += String(chunk);
  });
  const asker = terminalAsker(new AbortController().signal, keyboard, screen);
  const secret = asker.askSecret('Secret? ');
  keyboard.write('hunter2\r');
  expect(await secret).toBe('hunter2');
  const address = asker.ask('Address? ');
  keyboard.write('\x1b[A');
  await sleep(50);
  keyboard.write('\r');
  expect(await address).toBe('');
  asker.close();
  expect(shown).toContain('Secret? ');
  expect(shown).toContain('Address? ');
  expect(shown).not.toContain('hunter2');
});

test('an address is written to hub.yaml as it stands, so that a password in it makes it none', () => {
  const texts = [
    'https://x.example',
    'https://me:hunter2@x.example',
    'https://me@x.example',
    'ftp://x.example',
    'x',
  ];
  expect(texts.map(isUrl)).toEqual([true, false, false, false, false]);
});
