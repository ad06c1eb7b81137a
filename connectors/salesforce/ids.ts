/**
 * Salesforce ids. 15 case-sensitive characters name a record; three more carry the upper-case bits, so that the
 * 18-character form survives case-folding. Both are the same record; the hub only ever sees 18 characters.
 */
const SUFFIX = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

export function isId(text: string): boolean {
  return /^[A-Za-z0-9]{15}([A-Za-z0-5]{3})?$/.test(text);
}

/** The 18-character form. A text that is no id comes back as it is. */
export function to18(id: string): string {
  if (!isId(id)) return id;
  return id.slice(0, 15) + checksum(id.slice(0, 15));
}

/** The case-sensitive 15 characters, whichever form was given. */
export function to15(id: string): string {
  return id.slice(0, 15);
}

/** Five bits for each third of the id: bit i is set when its character i is an upper-case letter. */
function checksum(id15: string): string {
  let text = '';
  for (let third = 0; third < 3; third += 1) {
    let bits = 0;
    for (let i = 0; i < 5; i += 1) if (/[A-Z]/.test(id15[third * 5 + i]!)) bits |= 1 << i;
    text += SUFFIX[bits];
  }
  return text;
}
