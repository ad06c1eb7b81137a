import type { Db } from '../../core/store/db.ts';
import { type Exported, exportFrom } from '../../core/store/transfer/export.ts';
import { importInto } from '../../core/store/transfer/import.ts';

/** Everything one database knows into another, which is empty: all of it or nothing. The first stays as it is. Throws what both throw. */
export async function copyDatabase(
  from: Db,
  to: Db,
  at: Date,
  progress: (done: number, total: number) => void,
): Promise<Exported> {
  const { readable, writable } = new TransformStream<string, string>();
  const writer = writable.getWriter();
  const send = async () => {
    try {
      await exportFrom(from, at, (text) => writer.write(text));
      await writer.close();
    } catch (error) {
      // The reader gets the same error, and undoes what it has.
      await writer.abort(error);
      throw error;
    }
  };
  const [sent, taken] = await Promise.allSettled([send(), importInto(to, readable, progress)]);
  if (taken.status === 'rejected') throw taken.reason;
  if (sent.status === 'rejected') throw sent.reason;
  return taken.value;
}
