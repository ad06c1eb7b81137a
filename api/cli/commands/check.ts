import { CONNECTORS } from '../../../connectors/registry.ts';
import { checkHub } from '../../check/report.ts';
import { LARGEST_SAMPLE, USUAL_SAMPLE } from '../../check/sample.ts';
import { secretsOf } from '../../config/secrets.ts';
import { createLog } from '../../runtime/log.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { readConfigFolder } from '../session.ts';
import { knownAccounts } from './check/accounts.ts';
import { reportText, sampleIn } from './check/text.ts';

export const checkCommand: Command = {
  name: 'check',
  usage: 'check [MAPPING] [--sample N]',
  summary: "config, credentials, and how each mapping fits its tool's live schema; with fixes",
  details: `  MAPPING    only this one, against the tools that it shares a sync with
  --sample   records that are read of each object, the oldest ones first (${USUAL_SAMPLE} where it is not said; at most ${LARGEST_SAMPLE});
             0: the schemas alone
  What it costs in API calls: one an object for its schema, and for its records one by 2,000 of Salesforce and by 100
  of HubSpot. The report counts them. No record is written.
  Exit 2 when a sync would surely fail as things are.`,
  options: { sample: { type: 'string' } },
  words: { min: 0, max: 1 },
  async run(session, { values, positionals: [mapping] }) {
    const sample = sampleIn(values.sample as string | undefined);
    const config = await readConfigFolder(session);
    if (mapping !== undefined && !Object.hasOwn(config.mappings, mapping))
      throw new UsageError(
        `there is no mapping '${mapping}'; there are ${Object.keys(config.mappings).join(', ') || 'none'}`,
      );
    const log = createLog(session.env.LOG_LEVEL ?? 'error', secretsOf(config));
    const report = await checkHub(config, CONNECTORS, {
      fetch,
      now: session.now,
      random: Math.random,
      log,
      signal: session.signal,
      accounts: await knownAccounts(session),
      sample,
      ...(mapping === undefined ? {} : { about: { mapping } }),
    });
    session.out.result(report, reportText(report));
    return report.errors > 0 ? 2 : 0;
  },
};
