import { html } from 'hono/html';
import type { Entity } from '../../../core/model/entity.ts';
import type { Value } from '../../../core/model/value.ts';
import { displayName } from '../../../core/store/explain.ts';
import type { GoldenRow } from '../../../core/store/goldens.ts';
import type { StoredRecord } from '../../../core/sync/observe.ts';
import { type Html, page, type Tongue, time } from './layout.ts';

/** What a search found. */
export function foundPage(tongue: Tongue, query: string, found: readonly GoldenRow[]): Html {
  const { words } = tongue;
  const body =
    found.length === 0
      ? html`<p class="quiet">${words.nothingFound}</p>`
      : html`<table>${found.map(
          ({ id, entity, values }) =>
            html`<tr><td><a href="/golden/${encodeURIComponent(id)}">${displayName(values)}</a></td><td>${shown(values.email ?? values.domain ?? null)}</td><td>${shown(values.companyName ?? values.city ?? null)}</td><td class="quiet">${entity}</td></tr>`,
        )}</table>`;
  return page(tongue, words.golden, html`<section><h2>${words.golden}</h2>${body}</section>`, query);
}

export interface GoldenFacts {
  golden: GoldenRow;
  records: readonly StoredRecord[];
  entity: Entity | undefined;
  /** Golden ids that values point to → what they are called. */
  names: ReadonlyMap<string, string>;
}

/** One golden record: each value with where it is from, the rule that chose it, and what lost (law 7). */
export function goldenPage(tongue: Tongue, { golden, records, entity, names }: GoldenFacts): Html {
  const { words } = tongue;
  const say = (value: Value) =>
    typeof value === 'string' && names.has(value)
      ? html`<a href="/golden/${encodeURIComponent(value)}">${names.get(value)}</a>`
      : html`${shown(value)}`;
  const attributes = [
    ...new Set([...Object.keys(entity?.attributes ?? {}), ...Object.keys(golden.values)]),
  ].filter((name) => name in golden.values);
  return page(
    tongue,
    displayName(golden.values),
    html`<div><h1>${displayName(golden.values)}</h1><p class="quiet">${golden.entity} <code>${golden.id}</code> · ${words.version} ${golden.version} · ${time(tongue, golden.updatedAt)}</p></div>
<section><table>
<tr><th>${words.attribute}</th><th>${words.value}</th><th>${words.source}</th><th>${words.rule}</th><th>${words.lost}</th></tr>
${attributes.map((name) => {
  const why = golden.provenance[name];
  return html`<tr><td class="nowrap">${name}</td><td><strong>${say(golden.values[name] ?? null)}</strong></td>
<td>${why ? html`<code>${why.source}</code><br><span class="quiet nowrap">${time(tongue, why.at)}</span>` : ''}</td><td class="nowrap">${why?.rule ?? ''}</td>
<td class="lost">${(why?.losers ?? []).map(({ source, at, value }) => html`<div><s>${say(value)}</s> <code title="${time(tongue, at)}">${source}</code></div>`)}</td></tr>`;
})}
</table></section>
<section><h2>${words.inTools}</h2><table>
${records.map(
  ({ key, connection, object, extId, at, deleted }) =>
    html`<tr title="${key}"><td><strong>${connection}</strong> ${object}</td><td><code>${extId}</code></td><td>${time(tongue, at)}</td><td class="quiet">${deleted ? words.deleted : ''}</td></tr>`,
)}
</table></section>
<p><a href="/">${words.back}</a></p>`,
    '',
  );
}

function shown(value: Value): string {
  if (value === null) return '—';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
