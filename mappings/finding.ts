import type { ConfigProblem, Place } from './problem.ts';

/** What does not fit, in one word: stable, so that programs can tell findings apart. */
export type FindingKind =
  | 'object-missing'
  | 'object-unreadable'
  | 'object-unwritable'
  | 'nothing-mapped'
  | 'permission'
  | 'field-missing'
  | 'field-read-only'
  | 'option-unknown'
  | 'option-unmapped'
  | 'option-list'
  | 'option-no-partner'
  | 'too-long'
  | 'cut'
  | 'type'
  | 'lossy'
  | 'currency'
  | 'unreadable'
  | 'set-aside'
  | 'unstable'
  | 'required-unfilled'
  | 'required-empty'
  | 'refused'
  | 'unique-key'
  | 'reference-unsynced'
  | 'reference-type'
  | 'reference-target'
  | 'owner'
  | 'where'
  | 'create-when'
  | 'budget'
  | 'match';

/** One line of the compatibility report: what does not fit between a mapping and the tool as it is now. */
export interface Finding {
  kind: FindingKind;
  /** error: the run would fail or lose data; warning: some records would; info: worth knowing. */
  severity: 'error' | 'warning' | 'info';
  attribute?: string;
  field?: string;
  message: string;
  fix?: string;
  /** Records of the sample that it concerns, and how many were looked at. */
  count?: number;
  of?: number;
  /** One of them: the record's id in its tool, and what happens to it. */
  example?: string;
  place?: Place;
}

/** A finding as a problem of the config file. Without a place it is about the tool alone. */
export function asProblem(finding: Finding): ConfigProblem | undefined {
  if (!finding.place || finding.severity === 'info') return undefined;
  return {
    severity: finding.severity,
    place: finding.place,
    message: finding.message,
    ...(finding.fix === undefined ? {} : { fix: finding.fix }),
  };
}
