import { erasureById, erasurePage } from '../../../core/store/erasures.ts';
import { lift } from '../../../core/sync/erase/erase.ts';
import { type Receipt, receiptsOf } from '../../../core/sync/erase/receipt.ts';
import { eraseNow, receiptNow } from '../../runtime/erase.ts';
import type { Hub } from '../../runtime/hub.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { table } from '../out.ts';
import { withHub } from '../session.ts';
import { userOf } from './decide/run.ts';
import { findGolden } from './explain/find.ts';

/** Shown by --status without an id. */
const SHOWN = 100;

export const eraseCommand: Command = {
  name: 'erase',
  usage: 'erase ID [--status] [--lift]',
  summary: 'forgets a person everywhere it may: a receipt per tool, and a hashed block against re-import',
  details: `  ID as for explain. Every trace in the hub goes at once, and cannot be brought back; its records in the tools are deleted
  there as far as the syncs allow (erase: false forbids it), now or as soon as each tool answers.
  --status shows the receipt of an erased ID, or without one those that some tool has not confirmed; --lift lets an erased
  person be imported again. Asked again of an erased ID, tools that refused are tried once more.
  Exit code 2: some tool has not confirmed, or has refused.`,
  options: { status: { type: 'boolean' }, lift: { type: 'boolean' } },
  words: { min: 0, max: 1 },
  run: (session, { positionals: [word], values }) =>
    withHub(session, async (hub) => {
      const { db } = hub.store;
      const show = (receipt: Receipt & { alike?: string[] }): 0 | 2 => {
        session.out.result(receipt, receiptText(receipt));
        return receipt.tools.every(({ status }) => status === 'erased' || status === 'kept') ? 0 : 2;
      };
      if (values.status && word === undefined) {
        const rows = await erasurePage(db, { open: true, before: null }, SHOWN);
        const receipts = await receiptsOf(db, hub.config.mappings, rows);
        session.out.result(
          { erasures: receipts },
          receipts.map(receiptText).join('\n\n') || 'Every tool has confirmed every erasure.',
        );
        return receipts.length > 0 ? 2 : 0;
      }
      if (word === undefined) throw new UsageError('name whom to erase');
      if (values.status) return show((await receiptNow(hub, word)) ?? never(word));
      if (values.lift)
        return show(await lift(hub.engine, hub.config.mappings, word, { by: userOf(session) }));
      return show(await eraseNow(hub, await idOf(hub, word), userOf(session), session.signal));
    }),
};

const never = (word: string): never => {
  throw new UsageError(`nothing was erased as "${word}"; --status without an id lists what is still open`);
};

/** An erased id names its tombstone. */
async function idOf(hub: Hub, word: string): Promise<string> {
  const before = await erasureById(hub.store.db, word);
  return before ? before.id : (await findGolden(hub.store.db, word)).golden.id;
}

function receiptText(receipt: Receipt & { alike?: string[] }): string {
  const { id, entity, by, at, doneAt, tools, block, alike = [] } = receipt;
  const lines = [
    `${id} (${entity}) was erased by ${by} at ${at}; ${doneAt === null ? 'not every tool has confirmed it yet' : `done at ${doneAt}`}`,
    table(
      ['tool', 'record', 'status', ''],
      tools.map((tool) => [
        `${tool.connection} ${tool.object}`,
        tool.id ?? '(forgotten)',
        tool.status,
        tool.reason ?? '',
      ]),
    ),
    block.state === 'set'
      ? `blocked against re-import by ${block.hashes} keyed hashes; came again ${block.blocked} times`
      : `its block was lifted by ${block.liftedBy} at ${block.liftedAt}: 'nayose sync --full' imports it again`,
  ];
  if (alike.length > 0)
    lines.push(`May be the same person, and is still here: ${alike.join(', ')} ('nayose explain ID')`);
  return lines.join('\n');
}
