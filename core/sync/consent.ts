import type { Entity } from '../model/entity.ts';
import type { Values } from '../model/value.ts';

/**
 * Does this write take a consent back? Where one opt-out is an opt-out (`any`), true does; where all must agree (`all`), false
 * does. Such a write goes before every other, and may use what a budget keeps for other apps.
 */
export function optsOut({ survivorship }: Entity, sent: Values): boolean {
  return Object.entries(sent).some(([attribute, value]) => {
    const chain = survivorship[attribute] ?? [];
    return (value === true && chain.includes('any')) || (value === false && chain.includes('all'));
  });
}
