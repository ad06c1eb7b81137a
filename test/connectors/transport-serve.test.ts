import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { serveSandbox } from '../../connectors/serve.ts';
import { readTime } from '../../connectors/time.ts';

test('a served app answers on loopback, a taken port is refused, and closing cuts off calls in flight', async () => {
  const app = new Hono().get('/', (c) => c.text('hello')).get('/hang', () => new Promise<Response>(() => {}));
  const { Request: before } = globalThis;
  const { url, close } = await serveSandbox(app);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await (await fetch(url)).text()).toBe('hello');
  await expect(serveSandbox(app, Number(new URL(url).port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
  const hanging = fetch(`${url}/hang`).then(
    () => 'answered',
    () => 'cut',
  );
  await fetch(url);
  await close();
  expect(await hanging).toBe('cut');
  await expect(fetch(url)).rejects.toThrow();
  expect(globalThis.Request).toBe(before);
});

test.each([
  ['2024-01-02T03:04:05Z', 'Z', '2024-01-02T03:04:05.000Z'],
  ['2024-01-02T03:04:05.678+09:00', 'Z', '2024-01-01T18:04:05.678Z'],
  ['2024/1/2 3:04', '+09:00', '2024-01-01T18:04:00.000Z'],
  ['2024/1/2', '+09:00', '2024-01-01T15:00:00.000Z'],
  ['Tue, 02 Jan 2024 03:04:05 GMT', '+09:00', '2024-01-02T03:04:05.000Z'],
  [1_704_164_645, 'Z', '2024-01-02T03:04:05.000Z'],
  ['1704164645000', 'Z', '2024-01-02T03:04:05.000Z'],
  ['2024-02-31', 'Z', undefined],
  ['2024-13-01', 'Z', undefined],
  ['January 2, 2024', 'Z', undefined],
  ['20240102', 'Z', undefined],
  ['', 'Z', undefined],
  [null, 'Z', undefined],
  [Number.NaN, 'Z', undefined],
])('the time %j in %s is %s', (value, offset, expected) => {
  expect(readTime(value, offset)?.toISOString()).toBe(expected);
});
