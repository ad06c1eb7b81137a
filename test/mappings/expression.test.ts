import { expect, test } from 'vitest';
import { FUNCTIONS, parseExpression } from '../../mappings/expression.ts';

async function evaluate(text: string, record: Record<string, never> | Record<string, string> = {}) {
  const parsed = parseExpression(text);
  if ('message' in parsed) throw new Error(parsed.message);
  return parsed.expression.evaluate(record, null);
}

test('every function that the messages offer is one of JSONata', async () => {
  for (const name of FUNCTIONS)
    expect(await evaluate(`$type($${name})`), name).toEqual({ ok: true, value: 'function' });
});

test.for([
  ['calls itself for ever, in a loop', '($f := function($n){ $f($n + 1) }; $f(1))'],
  ['calls itself for ever, ever deeper', '($f := function($n){ 1 + $f($n + 1) }; $f(1))'],
  ['makes a list of a billion', '$count([1..1000000000])'],
  ['multiplies lists', '$count([1..9000].([1..9000].([1..9000])))'],
])('an expression that %s ends with words, not with the hub', { timeout: 60_000 }, async ([, text]) => {
  expect(await evaluate(text!)).toMatchObject({
    ok: false,
    message: expect.stringMatching(/^the expression failed: /),
  });
});

test('names that a function, an assignment or a step gives are known', () => {
  for (const text of [
    '($x := Name; $x & $x)',
    '$map(Titles, function($t, $i){ $t & $i })',
    'Titles#$i.($i & "")',
    'Contacts@$c.($c.Name)',
    '$sum(Lines.($value * 1))',
    'function($n){ $n }(Name)',
    'Name ~> $uppercase',
    '($add := function($a, $b){ $a + $b }; $inc := $add(1, ?); $inc(2))',
  ])
    expect(parseExpression(text), text).not.toHaveProperty('message');
});
