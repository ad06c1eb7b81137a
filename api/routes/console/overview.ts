import { html } from 'hono/html';
import type { Pause } from '../../../core/store/budgets.ts';
import type { DoubtRow, EntityFacts, StreamFacts } from '../../../core/store/overview.ts';
import type { RunRow } from '../../../core/store/runs.ts';
import type { BudgetReport } from '../../ops/forecast.ts';
import { type Html, number, page, type Tongue, time } from './layout.ts';

export interface Failure {
  cause: string;
  fix: string;
  connection: string;
  object: string;
  field: string;
  count: number;
}

export interface OverviewFacts {
  streams: (StreamFacts & { type: string; readAt: string | null; complete: boolean })[];
  budgets: BudgetReport[];
  resting: Pause[];
  syncs: {
    name: string;
    entity: string;
    schedule: string | undefined;
    realtime: boolean;
    last: RunRow | undefined;
  }[];
  entities: EntityFacts[];
  doubts: { total: number; pairs: (DoubtRow & { nameA: string; nameB: string })[] };
  failures: Failure[];
}

/** The hub at a glance. */
export function overviewPage(tongue: Tongue, facts: OverviewFacts): Html {
  const { words } = tongue;
  const n = (value: number) => number(tongue, value);
  const failing = facts.failures.reduce((sum, { count }) => sum + count, 0);
  return page(
    tongue,
    words.overview,
    html`
<div class="facts">
${facts.entities.map(
  ({ entity, golden, gathered }) =>
    html`<div class="fact"><span class="quiet">${words.entities[entity] ?? entity}</span><b>${n(golden)}</b><span class="quiet">${words.goldenOf(n(gathered))}</span></div>`,
)}
<div class="fact"><span class="quiet">${words.doubts}</span><b>${n(facts.doubts.total)}</b><span class="quiet">${words.doubtsHint}</span></div>
<div class="fact"><span class="quiet">${words.failures}</span><b>${n(failing)}</b></div>
</div>
${syncs(tongue, facts.syncs)}
${tools(tongue, facts.streams)}
${budgets(tongue, facts.budgets, facts.resting)}
${failures(tongue, facts.failures)}
${doubts(tongue, facts.doubts)}`,
    '',
  );
}

function syncs(tongue: Tongue, list: OverviewFacts['syncs']): Html {
  const { words } = tongue;
  const n = (value: number) => number(tongue, value);
  return html`<section><h2>${words.syncs}</h2><table>
<tr><th>${words.sync}</th><th>${words.status}</th><th>${words.when}</th><th class="n">${words.read}</th><th class="n">${words.linked}</th><th class="n">${words.created}</th><th class="n">${words.updated}</th><th class="n">${words.failed}</th><th class="n">${words.calls}</th></tr>
${list.map(({ name, schedule, realtime, last }) => {
  const plan = [schedule ?? words.byHand, ...(realtime ? [words.realtime] : [])].join(' · ');
  const head = html`<td><strong>${name}</strong><br><span class="quiet nowrap">${plan}</span></td>`;
  if (!last) return html`<tr>${head}<td class="quiet" colspan="8">${words.notRun}</td></tr>`;
  const { counts } = last;
  const calls = Object.values(last.apiCalls).reduce((sum, count) => sum + count, 0);
  return html`<tr>${head}
<td><span class="pill ${last.status}">${words[last.status]}</span>${
    last.reasons.length === 0
      ? ''
      : html`<ul class="reasons">${last.reasons.slice(0, 5).map(({ message, hint }) => html`<li>${message}${hint ? html`<br>${hint}` : ''}</li>`)}</ul>`
  }</td>
<td class="nowrap">${time(tongue, last.endedAt ?? last.startedAt)}</td>
<td class="n">${n(counts.read)}</td><td class="n">${n(counts.linked)}</td><td class="n">${n(counts.created)}</td><td class="n">${n(counts.updated)}</td><td class="n">${n(counts.failed)}</td><td class="n">${n(calls)}</td></tr>`;
})}
</table></section>`;
}

function tools(tongue: Tongue, list: OverviewFacts['streams']): Html {
  const { words } = tongue;
  return html`<section><h2>${words.tools}</h2><table>
<tr><th>${words.tool}</th><th>${words.object}</th><th class="n">${words.records}</th><th>${words.lastRead}</th></tr>
${list.map(
  ({ connection, type, object, records, readAt, complete }) =>
    html`<tr><td><strong>${connection}</strong> <span class="quiet">${type}</span></td><td>${object}</td><td class="n">${number(tongue, records)}</td><td>${readAt === null ? words.never : time(tongue, readAt)}${readAt !== null && !complete ? html` <span class="quiet">${words.notComplete}</span>` : ''}</td></tr>`,
)}
</table></section>`;
}

/** How much of each tool's day is used, and where that is going. */
function budgets(tongue: Tongue, list: readonly BudgetReport[], resting: readonly Pause[]): Html {
  const { words } = tongue;
  if (list.length + resting.length === 0) return html``;
  const n = (value: number) => number(tongue, value);
  const percent = (share: number) => `${Math.round(share * 100)}%`;
  return html`<section><h2>${words.budgets}</h2>${resting.map(({ connection, reason, until }) => html`<p><strong>${connection}</strong> <span class="halted">${words.rests(time(tongue, until))}</span> <span class="quiet">${reason}</span></p>`)}<table>
<tr><th>${words.tool}</th><th class="n">${words.budgetUsed}</th><th class="n">${words.budgetLimit}</th><th>${words.budgetShare}</th><th>${words.budgetForecast}</th></tr>
${list.map(
  ({ connection, name, used, limit, share, forecast }) =>
    html`<tr><td><strong>${connection}</strong> <span class="quiet">${name}</span></td><td class="n">${n(used)}</td><td class="n">${n(limit)}</td><td class="nowrap"><meter min="0" max="1" value="${Math.min(1, share)}"></meter> ${percent(share)}</td><td>${
      forecast.runsOutAt === null
        ? words.byThen(percent(forecast.share), time(tongue, forecast.at))
        : words.runsOut(time(tongue, forecast.runsOutAt))
    }</td></tr>`,
)}
</table></section>`;
}

function failures(tongue: Tongue, list: readonly Failure[]): Html {
  const { words } = tongue;
  if (list.length === 0)
    return html`<section><h2>${words.failures}</h2><p class="quiet">${words.none}</p></section>`;
  return html`<section><h2>${words.failures}</h2><table>
<tr><th>${words.cause}</th><th>${words.tool}</th><th class="n">${words.count}</th><th>${words.fix}</th></tr>
${list.map(
  ({ cause, fix, connection, object, field, count }) =>
    html`<tr><td><strong>${cause}</strong></td><td class="nowrap">${connection} ${object}${field ? html`<br><code>${field}</code>` : ''}</td><td class="n">${number(tongue, count)}</td><td>${fix}</td></tr>`,
)}
</table></section>`;
}

function doubts(tongue: Tongue, { total, pairs }: OverviewFacts['doubts']): Html {
  const { words } = tongue;
  if (total === 0) return html``;
  const side = (name: string, key: string, golden: string | null) =>
    html`<td>${golden ? html`<a href="/golden/${encodeURIComponent(golden)}">${name}</a>` : name}<br><code class="quiet">${key}</code></td>`;
  return html`<section><h2>${words.doubts} <small>${number(tongue, total)}</small></h2><table>
<tr><th>A</th><th>B</th><th>${words.likelihood}</th><th>${words.why}</th></tr>
${pairs.map((pair) => {
  const probability = 1 / (1 + 2 ** -pair.weight);
  return html`<tr>${side(pair.nameA, pair.a, pair.goldenA)}${side(pair.nameB, pair.b, pair.goldenB)}<td class="nowrap"><meter min="0" max="1" value="${probability.toFixed(3)}"></meter>${Math.floor(probability * 100)}%</td><td>${pair.reason}</td></tr>`;
})}
</table></section>`;
}
