import { describe, expect, test } from 'vitest';
import { scrub } from '../../../api/ops/redact.ts';
import { routeTemplate } from '../../../api/ops/trace.ts';
import { createLog } from '../../../api/runtime/log.ts';

describe('what a log line may not say', () => {
  test.each([
    ['Duplicate of taro.yamada+x@mail.example.co.jp found', 'Duplicate of [e-mail] found'],
    ['see https://api.test/contacts/taro%40mail.example?x=1', 'see https://api.test/contacts/[e-mail]?x=1'],
    ['メール：山田＠例え.jp です', 'メール：[e-mail] です'],
    ['phone 03-1234-5678, 090-1234-5678 or 09012345678', 'phone [phone], [phone] or [phone]'],
    ['call +81 3 1234 5678 or (415) 555-0132 now', 'call [phone] or [phone] now'],
    ['Authorization: Bearer abc.def-ghi_jkl', 'Authorization: Bearer [token]'],
    ['INVALID_SESSION 00D5g000004abcd!AQEAQ.x_y refused', 'INVALID_SESSION [token] refused'],
    [
      'grant failed: {"access_token":"s3cret","scope":"api"}',
      'grant failed: {"access_token":"[token]","scope":"api"}',
    ],
    ['refresh_token=abc&client_secret=def', 'refresh_token=[token]&client_secret=[token]'],
  ])('%s', (said, told) => {
    expect(scrub(said)).toBe(told);
  });

  test('a line without end is cut behind a word, and costs no more for it', () => {
    const before = performance.now();
    expect(scrub('a'.repeat(400_000))).toBe('[cut]');
    expect(scrub(`${'word '.repeat(799)}taro@mail.example`)).toBe(`${'word '.repeat(799)}[cut]`);
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  test.each([
    'the ten-seconds budget is used up until 2026-01-02T03:04:05.678Z',
    'run g_0193f2a4b5c67d8e9f00 was halted: 12 of 40 records (30%) would change',
    'GET https://eu1.api.test:8443/crm/v3/objects/contacts/100000000123 answered 502',
    'port 8787 of 127.0.0.1 is in use',
    '003000000012345AAA: REQUIRED_FIELD_MISSING [LastName]',
  ])('nothing is taken from: %s', (said) => {
    expect(scrub(said)).toBe(said);
  });

  test('secrets of the config, at any depth and in any level, never leave; levels are kept', () => {
    const lines: string[] = [];
    const log = createLog('info', ['a "secret"/value'], (line) => void lines.push(line));
    log.debug('nobody sees this');
    log.info('login with a "secret"/value', {
      list: [{ url: `x?k=${encodeURIComponent('a "secret"/value')}` }],
    });
    log.warn('failed', { cause: new Error('no contact ann@mail.example') });
    expect(lines).toHaveLength(2);
    expect(lines.join('')).not.toMatch(/a \\?"secret|a%20%22secret|ann@/);
    expect(JSON.parse(lines[1]!)).toMatchObject({
      level: 'warn',
      message: 'failed',
      cause: 'no contact [e-mail]',
    });
  });
});

describe('the route of a call to a tool', () => {
  test.each([
    ['https://t.test/crm/v3/objects/contacts/12345?properties=email', '/crm/v3/objects/contacts/{id}'],
    ['https://t.test/crm/v3/objects/contacts/ann%40mail.example', '/crm/v3/objects/contacts/{id}'],
    [
      'https://t.test/crm/v4/associations/contacts/companies/batch/read',
      '/crm/v4/associations/contacts/companies/batch/read',
    ],
    [
      'https://t.test/services/data/v62.0/sobjects/Contact/Email__c/Tanaka',
      '/services/data/v62.0/sobjects/Contact/{id}/{id}',
    ],
    ['https://t.test/services/data/v62.0/query?q=SELECT', '/services/data/v62.0/query'],
    ['https://hooks.test/T000/B000/Tanaka', '/{id}/{id}/{id}'],
  ])('%s', (url, route) => {
    expect(routeTemplate(url).route).toBe(route);
  });
});
