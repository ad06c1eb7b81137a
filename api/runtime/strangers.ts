import type { Log } from '../../connectors/contract.ts';
import type { Engine } from '../../core/sync/ports.ts';

/** Says once a connection that its webhooks tell of other accounts too: an app that many have installed would fill the log. */
export function sayStrangers(log: Log): NonNullable<Engine['strangers']> {
  const said = new Set<string>();
  return (connection, told) => {
    if (said.has(connection)) return;
    said.add(connection);
    log.warn('webhooks of other accounts come to a connection, and are passed over', {
      connection,
      accounts: [...told.keys()],
      hint: 'One app sends the webhooks of all accounts that installed it. For another account, make a connection of another name, with a webhook address of its own; or remove the app there. nayose_hook_strangers_total counts them; this is said once.',
    });
  };
}
