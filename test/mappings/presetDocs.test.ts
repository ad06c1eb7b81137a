import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PRESETS } from '../../mappings/presets/index.ts';

const PAGE = readFileSync(new URL('../../docs/mappings.md', import.meta.url), 'utf8');

test.each(['csv/person', 'csv/company'])('docs/mappings.md names the columns of %s', (name) => {
  const { object, fields } = PRESETS[name]!;
  expect(PAGE).toContain(
    `\`${name}\` reads the columns ${Object.keys(fields).join(', ')} of \`${object}.csv\``,
  );
});
