import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { withHub } from '../session.ts';
import { DECIDING, DECIDING_DETAILS, decideHere } from './decide/run.ts';
import { attributeOf, readValue } from './decide/value.ts';
import { findGolden } from './explain/find.ts';

export const pinCommand: Command = {
  name: 'pin',
  usage: 'pin ID ATTR VALUE [--reason TEXT] [--force] [--sync]   |   pin ID ATTR --clear',
  summary: 'holds a value of a golden record against every edit and rule, until it is cleared',
  details: `  VALUE is read as the attribute's type is; '' pins it to be empty. Of a reference: a golden id, or connection/object/id.
  --clear ends the pin: the records have their say again.
${DECIDING_DETAILS}`,
  options: { ...DECIDING, clear: { type: 'boolean' } },
  words: {
    min: 2,
    max: 3,
    missing: "say whose value, of which attribute, and what it is, as in 'nayose pin jan@weber.de title CEO'",
  },
  run: (session, args) =>
    withHub(session, async (hub) => {
      const [id, attribute, given] = args.positionals;
      const clear = args.values.clear === true;
      if (clear && given !== undefined)
        throw new UsageError('--clear takes no VALUE: it ends the pin, whatever it holds');
      if (!clear && given === undefined) throw new UsageError('VALUE is missing; --clear ends a pin');
      const { golden } = await findGolden(hub.store.db, id!);
      const entity = hub.config.entities[golden.entity];
      if (!entity) throw new UsageError(`hub.yaml knows no entity ${golden.entity}, which ${golden.id} is`);
      const asked = clear
        ? { kind: 'unpin' as const, attribute: attributeOf(entity, attribute!) }
        : { kind: 'pin' as const, ...readValue(entity, attribute!, given!, hub.config.hub) };
      return decideHere(session, hub, { ...asked, golden: golden.id }, args);
    }),
};
