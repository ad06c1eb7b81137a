import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect, test } from 'vitest';
import { docsPage } from '../../../api/v1/docs/page.ts';
import { openApiDocument } from '../../../api/v1/frame/document.ts';
import { changesSomething } from '../../../api/v1/frame/operation.ts';
import { OPERATIONS } from '../../../api/v1/index.ts';

const document = openApiDocument(OPERATIONS);

test('the document passes the recommended rules of a public linter, without a warning', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  expect(
    problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`),
  ).toEqual([]);
});

test('the linter sees what is wrong', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const broken = structuredClone(document) as { paths: Record<string, { get?: { operationId?: string } }> };
  broken.paths['/v1/runs']!.get!.operationId = 'getHealth';
  const problems = await lintFromString({ source: JSON.stringify(broken), config });
  expect(problems.map(({ ruleId }) => ruleId)).toContain('operation-operationId-unique');
});

test('ids are unique verbs, paths are once per method, and what changes something needs more than a viewer', () => {
  const ids = OPERATIONS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z]+([A-Z][A-Za-z]*)+$/.test(id))).toEqual([]);
  const routes = OPERATIONS.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(routes).size).toBe(routes.length);
  expect(
    OPERATIONS.filter((one) => changesSomething(one) && one.role === 'viewer').map(({ id }) => id),
  ).toEqual([]);
});

test('the page shows every operation with a curl line, and escapes what it shows', async () => {
  const page = String(await docsPage(document as Parameters<typeof docsPage>[0]));
  for (const { id, path } of OPERATIONS) {
    expect(page).toContain(`id="${id}"`);
    expect(page).toContain(`$NAYOSE_URL${path}`);
  }
  expect(page).not.toMatch(/<script|https?:\/\/(?!127)/);
  const odd = { ...document, info: { ...document.info, title: '<b>&' } };
  expect(String(await docsPage(odd as Parameters<typeof docsPage>[0]))).toContain('&lt;b&gt;&amp;');
});
