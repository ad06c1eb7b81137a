import type { Command } from '../command.ts';
import { withHub } from '../session.ts';
import { DECIDING, DECIDING_DETAILS, decideHere, wordOf } from './decide/run.ts';

export const apartCommand: Command = {
  name: 'apart',
  usage: 'apart A B [--reason TEXT] [--force] [--sync]',
  summary: 'says that two are not one, now and later',
  details: `  Golden ids mean all records of the golden record; connection/object/id means one record, and tears two of one golden record apart.
${DECIDING_DETAILS}`,
  options: DECIDING,
  words: {
    min: 2,
    max: 2,
    missing: "say which two, as in 'nayose apart crm/Contact/0035g00000AbCdE ma/contacts/512'",
  },
  run: (session, args) =>
    withHub(session, async (hub) => {
      const [a, b] = [await wordOf(hub, args.positionals[0]!), await wordOf(hub, args.positionals[1]!)];
      return decideHere(session, hub, { kind: 'apart', a, b }, args);
    }),
};
