import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { html } from 'hono/html';
import { parseKey } from '../../../core/model/record.ts';
import { pauses } from '../../../core/store/budgets.ts';
import { displayName, namesOf } from '../../../core/store/explain.ts';
import { currentGolden, goldensById } from '../../../core/store/goldens.ts';
import { countReviews } from '../../../core/store/matching.ts';
import { countEntities, countRecords, cursorTimes, findGolden } from '../../../core/store/overview.ts';
import { recordsOfGolden } from '../../../core/store/records.ts';
import { doubtsPage } from '../../../core/store/review-pages.ts';
import { runsOf } from '../../../core/store/runs.ts';
import { guarded, tooMany, unauthorized } from '../../auth/guard.ts';
import { type AuthDeps, byToken } from '../../auth/principal.ts';
import { fromOurPages, signIn, signOut } from '../../auth/session.ts';
import type { HubConfig } from '../../config/types.ts';
import { budgetReports } from '../../ops/forecast.ts';
import { problem } from '../problem.ts';
import { foundPage, goldenPage } from './golden.ts';
import { page, type Tongue } from './layout.ts';
import { type Failure, type OverviewFacts, overviewPage } from './overview.ts';
import { STYLE } from './style.ts';
import { languageOf, WORDS } from './words.ts';

export interface ConsoleDeps extends AuthDeps {
  config: Pick<HubConfig, 'hub' | 'connections' | 'entities' | 'mappings' | 'syncs' | 'order'>;
  /** Deliveries that need someone, grouped by cause. */
  failures(): Promise<Failure[]>;
}

const LARGEST_FORM = 16 * 1024;
const PAIRS = 10;
const FOUND = 25;

/** The console: pages made on the server, no script. */
export function consoleRoutes(deps: ConsoleDeps): Hono {
  const app = new Hono();
  const tongueOf = (c: Context): Tongue => {
    const language = languageOf(c.req.header('accept-language'));
    return { language, words: WORDS[language], timeZone: deps.config.hub.timeZone };
  };
  const onlyMembers = guarded(deps, (c) =>
    c.req.header('accept')?.includes('text/html') ? signInPage(c, tongueOf(c), deps) : unauthorized(c),
  );
  const enter = async (c: Context, token: string) => {
    const who = await byToken(c, token, deps);
    if (who === undefined) return signInPage(c, tongueOf(c), deps, tongueOf(c).words.wrongToken);
    if ('wait' in who) return tooMany(c, who.wait, 'too many wrong tokens came from your address');
    await signIn(c, deps.db(), { tokenId: who.id, name: who.name, role: who.role }, deps.now());
    return c.redirect('/', 303);
  };

  app.get('/console.css', (c) =>
    c.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': 'max-age=300' }),
  );
  const small = bodyLimit({
    maxSize: LARGEST_FORM,
    onError: (c) =>
      problem(c, 413, 'the form is too large', { detail: 'A token has less than 200 letters.' }),
  });
  const ours = (c: Context) =>
    fromOurPages(c)
      ? undefined
      : problem(c, 403, 'this form was sent by another site', { detail: 'Open / and sign in there.' });
  app.post('/session', small, async (c) => {
    const refused = ours(c);
    if (refused) return refused;
    const form = new URLSearchParams(await c.req.text());
    return enter(c, form.get('token')?.trim() ?? '');
  });
  app.post('/session/end', async (c) => {
    const refused = ours(c);
    if (refused) return refused;
    await signOut(c, deps.db());
    return c.redirect('/', 303);
  });
  app.get('/', async (c, next) => {
    c.header('Cache-Control', 'no-store');
    const token = c.req.query('token');
    return token === undefined ? next() : enter(c, token);
  });
  app.get('/', onlyMembers, async (c) => {
    const query = c.req.query('q')?.trim() ?? '';
    const tongue = tongueOf(c);
    if (query !== '') return c.html(foundPage(tongue, query, await findGolden(deps.db(), query, FOUND)));
    return c.html(overviewPage(tongue, await gather(deps)));
  });
  app.get('/golden/:id', onlyMembers, async (c) => {
    c.header('Cache-Control', 'no-store');
    const tongue = tongueOf(c);
    const golden = await currentGolden(deps.db(), c.req.param('id'));
    if (!golden)
      return c.html(
        page(tongue, tongue.words.golden, html`<section>${tongue.words.missing}</section>`, ''),
        404,
      );
    const texts = Object.values(golden.values).filter((value) => typeof value === 'string');
    return c.html(
      goldenPage(tongue, {
        golden,
        records: await recordsOfGolden(deps.db(), [golden.id]),
        entity: deps.config.entities[golden.entity],
        names: await namesOf(deps.db(), texts),
      }),
    );
  });
  return app;
}

function signInPage(
  c: Context,
  tongue: Tongue,
  { oidc }: AuthDeps,
  complaint?: string,
): Response | Promise<Response> {
  const { words } = tongue;
  return c.html(
    page(
      tongue,
      words.signIn,
      html`<section class="alone"><h1>${words.signIn}</h1><p class="quiet">${words.signInHint}</p>${complaint ? html`<p class="halted">${complaint}</p>` : ''}
<form action="/session" method="post"><input type="password" name="token" required autocomplete="current-password" aria-label="${words.token}" placeholder="${words.token}"><button>${words.signIn}</button></form>${oidc ? html`<p><a href="/session/oidc">${words.signInElsewhere} ${oidc.issuer.hostname}</a></p>` : ''}</section>`,
    ),
    401,
  );
}

async function gather({ db, now, config, failures }: ConsoleDeps): Promise<OverviewFacts> {
  const counted = new Map(
    (await countRecords(db())).map((row) => [`${row.connection}\n${row.object}`, row.records]),
  );
  const cursors = new Map((await cursorTimes(db())).map((row) => [row.mapping, row]));
  const pairs = await doubtsPage(db(), null, undefined, PAIRS);
  const goldens = await goldensById(
    db(),
    pairs.flatMap(({ goldenA, goldenB }) => [goldenA, goldenB]).filter((id) => id !== null),
  );
  const nameOf = (golden: string | null, key: string) => {
    const row = golden === null ? undefined : goldens.get(golden);
    return row ? displayName(row.values) : parseKey(key).id;
  };
  const syncs: OverviewFacts['syncs'] = [];
  for (const name of config.order) {
    const { entity, schedule, realtime } = config.syncs[name]!;
    const last = (await runsOf(db(), name, 20)).find(({ mode }) => mode !== 'plan');
    syncs.push({ name, entity, schedule, realtime, last });
  }
  return {
    streams: Object.values(config.mappings).map(({ name, connection, object }) => ({
      connection,
      type: config.connections[connection]?.type ?? '',
      object,
      records: counted.get(`${connection}\n${object}`) ?? 0,
      readAt: cursors.get(name)?.at ?? null,
      complete: cursors.get(name)?.complete ?? false,
    })),
    budgets: await budgetReports(db(), config.connections, { now: now(), timeZone: config.hub.timeZone }),
    resting: await pauses(db()),
    syncs,
    entities: await countEntities(db()),
    doubts: {
      total: await countReviews(db(), null),
      pairs: pairs.map((pair) => ({
        ...pair,
        nameA: nameOf(pair.goldenA, pair.a),
        nameB: nameOf(pair.goldenB, pair.b),
      })),
    },
    failures: await failures(),
  };
}
