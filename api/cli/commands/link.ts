import type { Command } from '../command.ts';
import { withHub } from '../session.ts';
import { DECIDING, DECIDING_DETAILS, decideHere, wordOf } from './decide/run.ts';

export const linkCommand: Command = {
  name: 'link',
  usage: 'link A B [--reason TEXT] [--force] [--sync]',
  summary: 'says that two are one: golden records with all their records, or two records',
  details: `  Golden ids (or e-mail addresses, or ids of tools) mean all records of the golden record; connection/object/id means one record.
${DECIDING_DETAILS}`,
  options: DECIDING,
  words: {
    min: 2,
    max: 2,
    missing: "say which two, as in 'nayose link crm/Contact/0035g00000AbCdE ma/contacts/512'",
  },
  run: (session, args) =>
    withHub(session, async (hub) => {
      const [a, b] = [await wordOf(hub, args.positionals[0]!), await wordOf(hub, args.positionals[1]!)];
      return decideHere(session, hub, { kind: 'link', a, b }, args);
    }),
};
