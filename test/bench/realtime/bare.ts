/**
 * The yardstick: what a developer would write in an hour. A bare Hono app that inserts what comes in, answers, and then sends one
 * PATCH to Salesforce. It verifies nothing, matches nothing, and forgets what it has not sent when it dies.
 */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL!, max: 6 });
await pool.query(
  'create table event (id bigint generated always as identity primary key, body jsonb not null)',
);
const salesforce = process.env.SALESFORCE_URL!;
const token = await fetch(`${salesforce}/services/oauth2/token`, {
  method: 'POST',
  body: new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: process.env.SF_ID!,
    client_secret: process.env.SF_SECRET!,
  }),
});
const { access_token: bearer } = (await token.json()) as { access_token: string };

let lost = 0;
const app = new Hono();
app.post('/hooks/ma', async (c) => {
  const body = (await c.req.json()) as { salesforceId: string; propertyValue: string }[];
  await pool.query('insert into event (body) values ($1)', [JSON.stringify(body)]);
  for (const { salesforceId, propertyValue } of body)
    void fetch(`${salesforce}/services/data/v62.0/sobjects/Contact/${salesforceId}`, {
      method: 'PATCH',
      headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ Title: propertyValue }),
    }).then(
      (answer) => answer.body?.cancel(),
      () => lost++,
    );
  return c.body(null, 202);
});
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  process.stdout.write(`listening on http://127.0.0.1:${port}\n`);
});
process.on('SIGTERM', () => {
  if (lost > 0) process.stderr.write(`bare: ${lost} writes broke off, and nobody will try them again\n`);
  process.exit(0);
});
