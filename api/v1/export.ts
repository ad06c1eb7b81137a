import { z } from '@hono/zod-openapi';
import { operation } from './frame/operation.ts';
import { notHere, Refusal } from './frame/refusal.ts';

const exportHub = operation({
  method: 'get',
  path: '/v1/export',
  id: 'exportHub',
  summary: 'Everything the hub knows, as one compressed file',
  description:
    'What `nayose export` writes: all of one moment, for `nayose import` into an empty database. It holds personal data, and secrets as they lie sealed. Its last line vouches for all before: an import refuses a file that is cut off. On the embedded database the hub waits while it is made.',
  tag: 'Hub',
  role: 'admin',
  // For the audit: who took everything with them.
  changes: true,
  problems: [501],
  answer: {
    description: 'The file.',
    schema: z.string().openapi({ format: 'binary' }),
    type: 'application/gzip',
    headers: { 'Content-Disposition': 'A name for the file, with the time of the export.' },
  },
  async handle(_, { deps }) {
    if (!deps.exporting)
      throw notHere(
        'this runtime cannot export',
        'Run `nayose export FILE` on any machine with Node, with DATABASE_URL set to this database.',
      );
    const made = await deps.exporting();
    if ('busy' in made)
      throw new Refusal(
        429,
        'another export is being made',
        { detail: 'Try again in a while.' },
        { 'Retry-After': '30' },
      );
    const name = `nayose-${deps.now().toISOString().slice(0, 19).replaceAll(':', '')}.ndjson.gz`;
    return new Response(made.stream, {
      headers: {
        'Content-Type': 'application/gzip',
        'Content-Length': String(made.bytes),
        'Content-Disposition': `attachment; filename="${name}"`,
        'Cache-Control': 'no-store',
      },
    });
  },
});

export const exportOperations = [exportHub];
