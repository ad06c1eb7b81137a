/** Why a delivery needs someone, named by what recovers it, and what that someone can do. */
export interface Cause {
  cause: string;
  fix: string;
}

export interface Evidence {
  /** Of a whole write: what the connector said recovers it. */
  kind?: string;
  message: string;
  field: string;
  connection: string;
  object: string;
}

const RETRY = "then run 'nayose failures --retry' and 'nayose sync'";

/** First match wins: the most telling comes first. */
const BY_MESSAGE: [RegExp, string, (e: Evidence) => string][] = [
  [
    /leaves that record out/,
    'left out by where',
    ({ connection, object }) =>
      `let \`where\` of the mapping of ${object} take that record in, or have create.when leave out such people; or delete the record in ${connection}; ${RETRY}`,
  ],
  [
    /DUPLICATE_VALUE|DUPLICATES_DETECTED|CONFLICTING_UNIQUE_VALUE|must be unique|exists already|belongs to golden record/,
    'duplicate value',
    ({ connection }) =>
      `another record of ${connection} has this value: merge the two there, or correct one of the values; ${RETRY}`,
  ],
  [
    /REQUIRED_FIELD_MISSING|REQUIRED_PROPERTIES_MISSING|\brequired\b|must have a value/i,
    'required field missing',
    ({ field, object }) =>
      `fill ${field || 'the field'} in another tool, or give it a value in the mapping of ${object}: out: [{ default: … }]; ${RETRY}`,
  ],
  [
    /INSUFFICIENT_ACCESS|INVALID_FIELD_FOR_INSERT_UPDATE|READ_ONLY_VALUE|read-only|CANNOT_INSERT_UPDATE|permission/i,
    'no permission',
    ({ field, connection }) =>
      `let the user of ${connection} edit ${field || 'these records'}, or map it with direction: in; ${RETRY}`,
  ],
  [
    /INVALID_FIELD\b|PROPERTY_DOESNT_EXIST|No such column|no such property/,
    'field missing in the tool',
    ({ field }) =>
      `create ${field || 'the field'} in the tool, or take it out of the mapping ('nayose check' has the details); ${RETRY}`,
  ],
  [
    /STRING_TOO_LONG|VALUE_TOO_LONG|too long|too large|characters/i,
    'text too long',
    ({ field }) =>
      `shorten it, make ${field || 'the field'} longer, or map it with out: [{ truncate: … }]; ${RETRY}`,
  ],
  [
    /RESTRICTED_PICKLIST|INVALID_OPTION|options?\b|picklist/i,
    'not one of the options',
    ({ field }) =>
      `add the option to ${field || 'the field'}, or say in the mapping's values which option is meant; ${RETRY}`,
  ],
  [
    /FIELD_CUSTOM_VALIDATION_EXCEPTION|validation rule/i,
    'refused by a rule of the tool',
    ({ connection }) =>
      `the message is from ${connection}'s own validation rule: correct the value, or change the rule; ${RETRY}`,
  ],
];

export function causeOf(evidence: Evidence): Cause {
  const { kind, connection, object } = evidence;
  if (kind === 'unknown')
    return {
      cause: 'no answer yet',
      fix: `run 'nayose sync': it looks in ${connection} for what was sent before it sends anything again`,
    };
  if (kind === 'waiting')
    return {
      cause: 'waits for another record',
      fix: `the record it points to is not in ${connection} yet: mend what is listed for that one, then run 'nayose sync'`,
    };
  if (kind === 'auth')
    return {
      cause: 'no permission',
      fix: `run 'nayose check' to see what ${connection} refuses, then 'nayose sync'`,
    };
  if (kind === 'quota')
    return {
      cause: 'budget used up',
      fix: `nothing: the next sync goes on once ${connection} takes calls again`,
    };
  if (kind === 'other-account')
    return {
      cause: 'meant for another account',
      fix: `if ${connection} has the same records under the same ids now, ${RETRY.slice('then '.length)}; if not, make a connection of another name for it ('Another account behind a connection' in docs/operations.md)`,
    };
  for (const [pattern, cause, fix] of BY_MESSAGE)
    if (pattern.test(evidence.message)) return { cause, fix: fix(evidence) };
  if (kind === 'transient')
    return {
      cause: 'tool in trouble',
      fix: `run 'nayose sync' again; if it stays, run 'nayose check' or look at the status page of ${connection}`,
    };
  if (kind === 'gone')
    return { cause: 'record gone', fix: `run 'nayose sync': it reads ${connection} again and links anew` };
  return {
    cause: 'rejected value',
    fix: `correct the value in a tool, or the mapping of ${object}; ${RETRY}`,
  };
}

/** What the hub writes is overwritten in the tool, again and again. */
export const flipping = (connection: string, field: string): Cause => ({
  cause: 'flipping',
  fix: `something in ${connection} (a workflow, a flow, another integration) overwrites ${field} after each write: end that, or map ${field} with direction: in, or decide it by survivorship: { ${field}: { prefer: [${connection}] } }; ${RETRY}. A pin, or the same value in every tool, ends it too`,
});

export const ASIDE: Cause = {
  cause: 'webhook set aside',
  fix: "the database cannot store what it says, mostly a value that no field may hold: correct the record in the tool, and the next sync reads it; then run 'nayose failures --drop'. After an upgrade, 'nayose failures --retry' takes it in once more",
};

export const UNREADABLE: Cause = {
  cause: 'unreadable value',
  fix: "correct the value in the tool (the next sync reads it), or add a transform to the mapping's in and run 'nayose sync --full'",
};
