import { describe } from 'vitest';
import { survivesKills } from '../support/kills.ts';

describe('kill -9 over PostgreSQL, with nothing but the records themselves to look up by', () => {
  survivesKills('PostgreSQL', { salesforce: { externalId: false }, hubspot: { uniqueNayoseId: false } });
});
