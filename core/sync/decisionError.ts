import { when } from '../model/when.ts';
import type { Decision } from '../store/decisions.ts';

/**
 * unknown   nothing has that name
 * invalid   cannot be decided so, whoever asks
 * conflict  contradicts what somebody decided before (`earlier`), or somebody was quicker
 * stale     the golden record has changed since it was looked at
 */
export type DecisionErrorKind = 'unknown' | 'invalid' | 'conflict' | 'stale';

/** A decision that was not taken. Nothing has changed. */
export class DecisionError extends Error {
  readonly kind: DecisionErrorKind;
  /** What to do next. */
  readonly hint: string | undefined;
  readonly earlier: readonly Decision[];
  constructor(
    kind: DecisionErrorKind,
    message: string,
    more: { hint?: string; earlier?: readonly Decision[] } = {},
  ) {
    super(message);
    this.name = 'DecisionError';
    this.kind = kind;
    this.hint = more.hint;
    this.earlier = more.earlier ?? [];
  }
}

const MOST = 5;

/** The error for decisions that stand in the way, each with who decided it and when. */
export function contradiction(earlier: readonly Decision[]): DecisionError {
  const lines = earlier.slice(0, MOST).map((decision) => `  ${decisionText(decision)}`);
  if (earlier.length > MOST) lines.push(`  … and ${earlier.length - MOST} more`);
  return new DecisionError('conflict', `it contradicts what was decided before:\n${lines.join('\n')}`, {
    hint: 'Overrule that by asking again with force (--force), or undo it.',
    earlier,
  });
}

/** Who decided what, and when: without the value of a pin, for errors are no place for values. */
export function decisionText({ kind, a, b, attribute, by, at, act }: Decision): string {
  const what =
    kind === 'link'
      ? `${a} and ${b} are one`
      : kind === 'apart'
        ? `${a} and ${b} are kept apart`
        : `${attribute} is pinned (on ${a})`;
  return `${what}, by ${by} at ${when(at)}${act ? `, decision ${act}` : ''}`;
}
