/** A made-up world for the demo, the benches and the tests: who exists, what two tools hold of them, and the truth. */
export { type Audit, auditWorld, type KindAudit, type ToolAudit } from './audit.ts';
export { DEFAULT_NOW, generateWorld, overlapping } from './generate.ts';
export { type Known, seedSandboxes, type Truth, truthOf } from './seed.ts';
export type { Card, HardCase, Seed, Tool, TruthCompany, TruthPerson, World, WorldOptions } from './types.ts';
export { CARD_COLUMNS } from './types.ts';
