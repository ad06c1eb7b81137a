import type { Context, Person } from '../contract.ts';
import type { SalesforceConfig } from './config.ts';
import { query, queryMore } from './records.ts';

/** Active users, 2,000 a call. */
export async function people(ctx: Context<SalesforceConfig>): Promise<Person[]> {
  const found: Person[] = [];
  let { body } = await query(ctx, 'SELECT Id, Name, Email FROM User WHERE IsActive = true', false);
  for (;;) {
    for (const { Id, Name, Email } of body.records)
      found.push({
        id: String(Id),
        name: String(Name ?? Id),
        ...(typeof Email === 'string' ? { email: Email } : {}),
      });
    if (body.done || body.nextRecordsUrl === undefined) return found;
    body = (await queryMore(ctx, body.nextRecordsUrl)).body;
  }
}
