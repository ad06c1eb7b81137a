import type { Role } from '../../core/store/tokens.ts';

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };

export const mayAs = (has: Role, needs: Role) => RANK[has] >= RANK[needs];
