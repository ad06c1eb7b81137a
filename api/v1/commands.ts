/** What a command of the command line is over HTTP: operation ids, or why there is none. */
export type Counterpart = { operations: string[] } | { onlyHere: string };

/** Every command, in the order of --help. A test holds this table, the commands and docs/api.md together. */
export const COUNTERPARTS: Record<string, Counterpart> = {
  init: { onlyHere: 'it asks questions and writes a config folder; over HTTP, applyConfig takes its files' },
  check: { operations: ['checkMapping', 'checkConnection', 'checkConfig'] },
  transforms: { operations: ['listTransforms'] },
  plan: { operations: ['planSync', 'getRun', 'listPlannedWrites', 'listPlannedJoins'] },
  sync: { operations: ['startRun', 'getRun', 'followRun'] },
  serve: { onlyHere: 'it is what answers over HTTP' },
  cleanse: { operations: ['cleanseList'] },
  train: { operations: ['trainEntity', 'listWeights', 'restoreWeights'] },
  'what-if': { operations: ['whatIf'] },
  explain: { operations: ['explainGolden', 'explainPair', 'listGolden'] },
  reviews: { operations: ['listReviews', 'getReview', 'decideReview'] },
  split: { operations: ['splitGolden'] },
  link: { operations: ['linkGolden', 'decideRecords'] },
  apart: { operations: ['keepApart', 'decideRecords'] },
  pin: { operations: ['pinValue', 'clearPin'] },
  undo: { operations: ['undoDecision', 'listDecisions'] },
  reconcile: { operations: ['startReconcile', 'getReconcile', 'listDifferences'] },
  failures: { operations: ['listFailures', 'retryFailures', 'dropFailures'] },
  deletes: { operations: ['listDeletions', 'decideDeletion'] },
  merges: { operations: ['listToolMerges', 'decideToolMerge'] },
  erase: { operations: ['eraseGolden', 'listErasures', 'getErasure', 'liftErasure'] },
  apply: { operations: ['applyConfig', 'activateRevision'] },
  diff: { operations: ['diffConfig'] },
  pull: { operations: ['getConfig', 'getRevision', 'listRevisions'] },
  keys: { operations: ['listKeys', 'rotateKeys'] },
  export: { operations: ['exportHub'] },
  import: {
    onlyHere:
      'it fills an empty database before any hub uses it; a hub that answers has a token and a config in its own',
  },
  'migrate-database': { onlyHere: 'it reads a folder that no hub has open' },
  demo: { onlyHere: 'it starts simulated tools and a hub of its own' },
};

/** The table of docs/api.md. */
export function commandTable(
  commands: readonly { name: string }[],
  operations: readonly { id: string; method: string; path: string; role: string }[],
): string {
  const routeOf = (id: string) => {
    const { method, path, role } = operations.find((one) => one.id === id)!;
    return `\`${method.toUpperCase()} ${path}\` (${role})`;
  };
  const rows = commands.map(({ name }) => {
    const known = COUNTERPARTS[name]!;
    const says =
      'onlyHere' in known
        ? `of this machine only: ${known.onlyHere}`
        : known.operations.map(routeOf).join('<br>');
    return `| \`nayose ${name}\` | ${says} |`;
  });
  return ['| command | over HTTP |', '| --- | --- |', ...rows].join('\n');
}
