import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** How questions reach a person, and answers come back. */
export interface Asker {
  /** The answer without spaces around it; '' when it is left out. */
  ask(question: string): Promise<string>;
  /** The same, and what is typed is not shown. */
  askSecret(question: string): Promise<string>;
  say(text: string): void;
  close(): void;
}

/** Asks on this process's terminal. Throws AbortError when `signal` is. */
export function terminalAsker(signal: AbortSignal): Asker {
  let muted = false;
  const output = new Writable({
    write(chunk, _, done) {
      if (!muted) process.stderr.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  const ask = async (question: string) => (await lines.question(question, { signal })).trim();
  return {
    ask,
    async askSecret(question) {
      process.stderr.write(question);
      muted = true;
      try {
        return await ask('');
      } finally {
        muted = false;
        process.stderr.write('\n');
      }
    },
    say: (text) => void process.stderr.write(`${text}\n`),
    close: () => lines.close(),
  };
}
