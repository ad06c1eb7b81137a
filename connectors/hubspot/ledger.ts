import { ConnectorError, type Fields, type Outcome } from '../contract.ts';

type Failed = Omit<Extract<Outcome, { status: 'failed' }>, 'key' | 'status'>;

/** What became of each op of one write, across the calls it takes. */
export class Ledger {
  private readonly settled = new Map<string, Outcome>();
  /** Why the whole call cannot go on (no token, no budget): nothing more is sent. */
  private stop: ConnectorError | undefined;

  ok(key: string, id: string, fields: Fields, at?: string, note?: string): void {
    this.settled.set(key, {
      key,
      status: 'ok',
      id,
      fields,
      ...(at !== undefined && { at }),
      ...(note !== undefined && { note }),
    });
  }

  fail(key: string, { kind, message, fields, id }: Failed): void {
    this.settled.set(key, {
      key,
      status: 'failed',
      kind,
      message,
      ...(fields !== undefined && { fields }),
      ...(id !== undefined && { id }),
    });
  }

  unknown(key: string): void {
    this.settled.set(key, { key, status: 'unknown' });
  }

  /** A call failed for all of these: unanswered ones are unknown, the others wait for what stopped them. */
  failAll(keys: string[], failure: ConnectorError): void {
    if (failure.maybeApplied) for (const key of keys) this.unknown(key);
    else this.stop ??= failure;
  }

  /** Runs a read that a write needs; its failure stops the write, and what is settled stays settled. */
  async reading<T>(run: () => Promise<T>): Promise<T | undefined> {
    if (this.stopped) return undefined;
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      this.stop = error;
      return undefined;
    }
  }

  get stopped(): boolean {
    return this.stop !== undefined;
  }

  get(key: string): Outcome | undefined {
    return this.settled.get(key);
  }

  /** Throws what stopped the write, if not one op was settled before. */
  outcomes(keys: string[]): Outcome[] {
    if (this.stop !== undefined && this.settled.size === 0) throw this.stop;
    return keys.map((key) => {
      const known = this.settled.get(key);
      if (known !== undefined) return known;
      if (this.stop === undefined) return { key, status: 'unknown' };
      const { kind, message } = this.stop;
      return { key, status: 'failed', kind, message };
    });
  }
}
