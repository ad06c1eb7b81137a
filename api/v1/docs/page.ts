import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { type Schema, type Schemas, sample, typeText } from './sample.ts';

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

interface Content {
  schema?: Schema;
}

interface Described {
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  security?: unknown[];
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema: Schema }[];
  requestBody?: { required?: boolean; content: Record<string, Content> };
  responses: Record<string, { description: string; content?: Record<string, Content> }>;
}

/** An OpenAPI document, as far as the page reads it. */
export interface Document {
  info: { title: string; version: string; description?: string };
  tags?: { name: string; description?: string }[];
  paths?: Record<string, Record<string, unknown>>;
  components?: { schemas?: unknown };
}

interface Entry {
  method: string;
  path: string;
  operation: Described;
}

/** The document for people: one page, no script, nothing from elsewhere. */
export function docsPage(document: Document): Html {
  const schemas = (document.components?.schemas ?? {}) as Schemas;
  const entries = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item).map(
      ([method, operation]): Entry => ({
        method: method.toUpperCase(),
        path,
        operation: operation as Described,
      }),
    ),
  );
  const groups = (document.tags ?? []).map(({ name, description }) => ({
    name,
    description,
    entries: entries.filter(({ operation }) => operation.tags.includes(name)),
  }));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${document.info.title} API</title>
<link rel="stylesheet" href="/docs.css">
<link rel="icon" href="data:,">
</head>
<body>
<nav><a class="brand" href="/">名寄せ Nayose</a>
${groups.map(
  ({ name, entries: listed }) =>
    html`<h2>${name}</h2><ul>${listed.map(({ operation, method }) => html`<li><a href="#${operation.operationId}"><b class="${method}">${method}</b> ${operation.summary}</a></li>`)}</ul>`,
)}
</nav>
<main><h1>${document.info.title} API</h1>
<div class="notes">${notes(document.info.description ?? '')}</div>
<p><a href="/openapi.json">openapi.json</a> says the same to programs.</p>
${groups.map(
  ({ name, description, entries: listed }) =>
    html`<section><h2>${name}</h2><p>${description ?? ''}</p>${listed.map((entry) => article(entry, schemas))}</section>`,
)}
</main>
</body>
</html>`;
}

function article({ method, path, operation }: Entry, schemas: Schemas): Html {
  const { parameters = [], requestBody, responses } = operation;
  const content = Object.entries(requestBody?.content ?? {})[0];
  const [status, good] = Object.entries(responses).find(([code]) => code.startsWith('2')) ?? ['', undefined];
  const shown = good?.content?.['application/json']?.schema;
  const problems = Object.entries(responses).filter(([code]) => !code.startsWith('2'));
  return html`<article id="${operation.operationId}">
<h3>${operation.summary}</h3>
<p class="route"><b class="${method}">${method}</b> <code>${path}</code></p>
${(operation.description ?? '').split('\n\n').map((text) => html`<p>${inline(text)}</p>`)}
${
  parameters.length === 0
    ? ''
    : html`<table><thead><tr><th>in</th><th>name</th><th>type</th><th>meaning</th></tr></thead><tbody>${parameters.map(
        (one) =>
          html`<tr><td>${one.in}</td><td><code>${one.name}</code>${one.required ? ' *' : ''}</td><td>${typeText(one.schema, schemas)}</td><td>${inline(one.description ?? one.schema.description ?? '')}</td></tr>`,
      )}</tbody></table>`
}
<pre>${curl(method, path, operation, content, schemas)}</pre>
<p><b>${status}</b> ${good?.description ?? ''}</p>
${shown ? html`<details><summary>Example of an answer</summary><pre>${JSON.stringify(sample(shown, schemas), null, 2)}</pre></details>` : ''}
<details><summary>Errors: ${problems.map(([code]) => code).join(', ')}</summary><ul>${problems.map(([code, { description }]) => html`<li><b>${code}</b> ${description}</li>`)}</ul></details>
</article>`;
}

function curl(
  method: string,
  path: string,
  { security, parameters = [] }: Described,
  content: [string, Content] | undefined,
  schemas: Schemas,
): string {
  const needed = parameters
    .filter((one) => one.in === 'query' && one.required)
    .map(({ name }) => `${name}=…`);
  const match = parameters.find((one) => one.name === 'If-Match' && one.required);
  const words = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}"$NAYOSE_URL${path}${needed.length > 0 ? `?${needed.join('&')}` : ''}"`,
    ...(security?.length === 0 ? [] : ['-H "Authorization: Bearer $NAYOSE_TOKEN"']),
    ...(match ? [`-H 'If-Match: "1"'`] : []),
  ];
  if (content?.[0] === 'application/json')
    words.push(
      `-H 'Content-Type: application/json'`,
      `-d '${JSON.stringify(sample(content[1].schema ?? {}, schemas))}'`,
    );
  else if (content) words.push(`-H 'Content-Type: ${content[0]}'`, '--data-binary @FILE');
  return words.join(' \\\n  ');
}

/** Code between backticks, and bold between stars: all that our descriptions use of Markdown. */
const inline = (text: string): (Html | string)[] =>
  text
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .map((part) =>
      part.startsWith('`')
        ? html`<code>${part.slice(1, -1)}</code>`
        : part.startsWith('**')
          ? html`<b>${part.slice(2, -2)}</b>`
          : part,
    );

const notes = (text: string): Html[] =>
  text.split('\n\n').map((block) => {
    const lines = block.split('\n');
    return lines[0]!.startsWith('- ')
      ? html`<ul>${lines.map((line) => html`<li>${inline(line.slice(2))}</li>`)}</ul>`
      : html`<p>${inline(block)}</p>`;
  });
