import { Hono } from 'hono';
import { z } from 'zod';
import { parseKey } from '../../core/model/record.ts';
import type { Db } from '../../core/store/db.ts';
import { currentGolden } from '../../core/store/goldens.ts';
import { latestRuns } from '../../core/store/overview.ts';
import { recordsOfGolden } from '../../core/store/records.ts';
import { problem } from './problem.ts';

const limit = z.coerce.number().int().min(1).max(200).default(50);

/** `/v1/runs`: the latest, newest first. `/v1/golden/{id}`: one golden record; an id that was merged away leads to its survivor. */
export function recordRoutes(db: () => Db): Hono {
  const app = new Hono();
  app.get('/v1/runs', async (c) => {
    const wanted = limit.safeParse(c.req.query('limit'));
    if (!wanted.success)
      return problem(c, 400, 'limit is not a number from 1 to 200', { detail: 'Leave it out for 50.' });
    const runs = await latestRuns(db(), wanted.data);
    return c.json({ items: runs.map(({ owner: _, streams: __, ...run }) => run) });
  });
  app.get('/v1/golden/:id', async (c) => {
    const golden = await currentGolden(db(), c.req.param('id'));
    if (!golden)
      return problem(c, 404, 'no such golden record', {
        detail: 'Look it up in the console, by e-mail or name.',
      });
    const records = await recordsOfGolden(db(), [golden.id]);
    return c.json({
      id: golden.id,
      entity: golden.entity,
      values: golden.values,
      provenance: golden.provenance,
      records: records.filter(({ deleted }) => !deleted).map(({ key }) => parseKey(key)),
      version: golden.version,
      updatedAt: golden.updatedAt,
    });
  });
  return app;
}
