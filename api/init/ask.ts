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

/** Asks on this process's terminal, unless told another. Throws AbortError when `signal` is. */
export function terminalAsker(
  signal: AbortSignal,
  input: NodeJS.ReadableStream = process.stdin,
  screen: NodeJS.WritableStream = process.stderr,
): Asker {
  let muted = false;
  const output = new Writable({
    write(chunk, _, done) {
      if (!muted) screen.write(chunk);
      done();
    },
  });
  // Without a history: the arrow keys would show a secret at the next question.
  const lines = createInterface({ input, output, terminal: true, historySize: 0 });
  const ask = async (question: string) => (await lines.question(question, { signal })).trim();
  return {
    ask,
    async askSecret(question) {
      screen.write(question);
      muted = true;
      try {
        return await ask('');
      } finally {
        muted = false;
        screen.write('\n');
      }
    },
    say: (text) => void screen.write(`${text}\n`),
    close: () => lines.close(),
  };
}
