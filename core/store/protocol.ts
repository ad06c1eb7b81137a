/** PostgreSQL's wire protocol, spoken to the embedded database: each statement is parsed and planned once. */
import { type PGlite, protocol } from '@electric-sql/pglite';
import { prepareValue } from 'pg/lib/utils';
import type { Row } from './db.ts';
import { nameOf, TYPES } from './wire.ts';

const { serialize, messages: answers } = protocol;

/** `run` sends one statement; several at once are carried out in the order of their calls. */
export function talkTo(lite: PGlite): {
  run<R extends Row>(text: string, params: readonly unknown[]): Promise<R[]>;
} {
  const known = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();

  /** PGlite throws what the database answers as an error. */
  const tell = async (...messages: Uint8Array[]) =>
    (await lite.execProtocol(Buffer.concat([...messages, serialize.sync()]))).messages;

  /** The name to bind to. Statements without parameters are few and seldom (begin, commit): they are not kept. */
  const parsed = async (text: string, params: readonly unknown[]): Promise<string> => {
    const name = params.length === 0 ? '' : nameOf(text);
    if (!known.has(name)) await tell(serialize.parse({ name, text }));
    if (name !== '') known.add(name);
    return name;
  };

  const send = async (text: string, params: readonly unknown[]): Promise<Row[]> => {
    const statement = await parsed(text, params);
    return rowsOf(
      await tell(
        serialize.bind({ statement, values: params.map((value) => prepareValue(value)) }),
        serialize.describe({ type: 'P' }),
        serialize.execute({}),
      ),
    );
  };

  return {
    run<R extends Row>(text: string, params: readonly unknown[]) {
      const mine = last.then(() => send(text, params)) as Promise<R[]>;
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

function rowsOf(said: Awaited<ReturnType<PGlite['execProtocol']>>['messages']): Row[] {
  let columns: { name: string; parse: (text: string) => unknown }[] = [];
  const rows: Row[] = [];
  for (const answer of said)
    if (answer instanceof answers.RowDescriptionMessage)
      columns = answer.fields.map(({ name, dataTypeID }) => ({
        name,
        parse: TYPES.getTypeParser(dataTypeID, 'text') as (text: string) => unknown,
      }));
    else if (answer instanceof answers.DataRowMessage) {
      const { fields } = answer;
      rows.push(
        Object.fromEntries(
          columns.map(({ name, parse }, i) => {
            const text = fields[i];
            return [name, text === null || text === undefined ? null : parse(text)];
          }),
        ),
      );
    }
  return rows;
}
