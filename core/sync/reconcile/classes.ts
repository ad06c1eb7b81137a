/** Why a tool and the hub differ. Every difference is of one class. */
export const CLASSES = {
  unread: 'the tool has news that the hub has not read yet',
  undelivered: 'the hub has a write for it that is not done yet',
  refused: 'the tool, or the mapping, would not take the value',
  normalised: 'the tool made something else of what was written, or fills it by itself',
  frozen: 'the field flips between tools, and rests until a person looks',
  pinned: 'a person pinned another value, and this tool is not written to',
  'one-way': 'another tool’s value won, and this one is not written to',
  erased: 'the person was erased, and is not taken in again',
  unreadable: 'the mapping cannot read what the tool shows',
  'missed-delete': 'the tool deleted the record, and the hub thinks that it lives',
  'missed-merge': 'the tool folded the record into another, and the hub does not know it',
  lost: 'the hub thinks that the record lives, and the tool has no trace of it',
  orphan: 'the tool has the record, and the hub should have read it and did not',
  'created-twice': 'the tool has a second record like one that the hub made',
  formula: 'the value changed, and the record’s time did not',
  forgotten: 'the tool should be told, and no write is on its way',
  unexplained: 'none of the above',
} as const;

export type Class = keyof typeof CLASSES;

/** These are gone after a repair; the others stand until the tool, the mapping or a person changes something. */
export const REPAIRED: readonly Class[] = [
  'unread',
  'missed-delete',
  'missed-merge',
  'lost',
  'orphan',
  'created-twice',
  'formula',
  'forgotten',
];
