/** Who is linked to whom, in both directions, with the types (labels) of each link. */

export interface LinkType {
  category: 'HUBSPOT_DEFINED' | 'USER_DEFINED';
  typeId: number;
  label: string | null;
}

interface PairDef {
  from: string;
  to: string;
  plain: number;
  primary?: number;
}

/** HubSpot's own type ids; `primary` marks the one main company of a contact, deal or ticket. */
const PAIRS: PairDef[] = [
  { from: 'contacts', to: 'companies', plain: 279, primary: 1 },
  { from: 'companies', to: 'contacts', plain: 280, primary: 2 },
  { from: 'deals', to: 'companies', plain: 341, primary: 5 },
  { from: 'companies', to: 'deals', plain: 342, primary: 6 },
  { from: 'tickets', to: 'companies', plain: 339, primary: 26 },
  { from: 'companies', to: 'tickets', plain: 340, primary: 25 },
  { from: 'deals', to: 'contacts', plain: 3 },
  { from: 'contacts', to: 'deals', plain: 4 },
  { from: 'tickets', to: 'contacts', plain: 16 },
  { from: 'contacts', to: 'tickets', plain: 15 },
  { from: 'deals', to: 'tickets', plain: 27 },
  { from: 'tickets', to: 'deals', plain: 28 },
];

/** One end of a link, e.g. { type: 'contacts', id: '51' }. */
export interface End {
  type: string;
  id: string;
}
type Targets = Map<string, Set<number>>;

export class Links {
  /** `type/id` → other type → other id → type ids. */
  private readonly all = new Map<string, Map<string, Targets>>();
  private readonly made: PairDef[] = [];

  /** The type ids between two objects; custom objects get theirs when first asked for. */
  pair(from: string, to: string): PairDef {
    const known = [...PAIRS, ...this.made].find((pair) => pair.from === from && pair.to === to);
    if (known !== undefined) return known;
    const plain = 10_001 + this.made.length;
    const pair = { from, to, plain };
    this.made.push(pair);
    if (from !== to) this.made.push({ from: to, to: from, plain: plain + 1 });
    return pair;
  }

  typesBetween(from: string, to: string): LinkType[] {
    const pair = this.pair(from, to);
    const plain = describe(pair, pair.plain);
    return pair.primary === undefined ? [plain] : [describe(pair, pair.primary), plain];
  }

  of(from: End, toType: string): { id: string; types: LinkType[] }[] {
    const pair = this.pair(from.type, toType);
    const targets = this.all.get(key(from))?.get(toType) ?? [];
    return [...targets].map(([id, types]) => ({ id, types: [...types].map((t) => describe(pair, t)) }));
  }

  /** Links without a label. The first company of a record becomes its primary one. */
  addDefault(from: End, to: End): void {
    this.put(from, to, [this.pair(from.type, to.type).plain]);
    const [child, company] = to.type === 'companies' ? [from, to] : [to, from];
    const pair = this.pair(child.type, company.type);
    if (pair.primary === undefined || company.type !== 'companies') return;
    const taken = [...this.targets(child, 'companies').values()].some((types) => types.has(pair.primary!));
    if (!taken) this.addTypes(child, company, [pair.primary]);
  }

  /** Links with the types given; a new primary takes that label from the old one, which stays linked. */
  addTypes(from: End, to: End, typeIds: number[]): void {
    const pair = this.pair(from.type, to.type);
    if (pair.primary !== undefined && typeIds.includes(pair.primary)) {
      const [child, company] = to.type === 'companies' ? [from, to] : [to, from];
      const down = this.pair(child.type, 'companies').primary!;
      const up = this.pair('companies', child.type).primary!;
      for (const [id, types] of this.targets(child, 'companies'))
        if (id !== company.id && types.delete(down))
          this.targets({ type: 'companies', id }, child.type).get(child.id)?.delete(up);
    }
    this.put(from, to, [pair.plain, ...typeIds]);
  }

  /** Removes the link, or only some of its types; a link without a type is none. */
  remove(from: End, to: End, typeIds?: number[]): boolean {
    const pair = this.pair(from.type, to.type);
    const back = this.pair(to.type, from.type);
    const there = this.targets(from, to.type);
    const here = this.targets(to, from.type);
    if (!there.has(to.id)) return false;
    for (const typeId of typeIds ?? []) {
      there.get(to.id)?.delete(typeId);
      here.get(from.id)?.delete(typeId === pair.primary ? (back.primary ?? -1) : back.plain);
    }
    if (typeIds === undefined || there.get(to.id)!.size === 0) {
      there.delete(to.id);
      here.delete(from.id);
    }
    return true;
  }

  /** Gives all links of `from` to `to` (a merge). */
  move(from: End, to: End): void {
    for (const [type, targets] of this.all.get(key(from)) ?? [])
      for (const [id, types] of [...targets]) {
        const pair = this.pair(from.type, type);
        const primary = pair.primary !== undefined && types.has(pair.primary);
        this.remove(from, { type, id });
        const taken =
          type === 'companies' &&
          [...this.targets(to, type).values()].some((held) => held.has(pair.primary ?? -1));
        if (primary && !taken) this.addTypes(to, { type, id }, [pair.primary!]);
        else this.put(to, { type, id }, [pair.plain]);
      }
  }

  removeAll(from: End): void {
    for (const [type, targets] of this.all.get(key(from)) ?? [])
      for (const id of [...targets.keys()]) this.remove(from, { type, id });
  }

  private put(from: End, to: End, typeIds: number[]): void {
    const pair = this.pair(from.type, to.type);
    const back = this.pair(to.type, from.type);
    const there = this.targets(from, to.type);
    const here = this.targets(to, from.type);
    if (!there.has(to.id)) there.set(to.id, new Set());
    if (!here.has(from.id)) here.set(from.id, new Set());
    for (const typeId of typeIds) {
      there.get(to.id)!.add(typeId);
      here.get(from.id)!.add(typeId === pair.primary ? back.primary! : back.plain);
    }
  }

  private targets(from: End, toType: string): Targets {
    const byType = this.all.get(key(from)) ?? new Map<string, Targets>();
    this.all.set(key(from), byType);
    const targets: Targets = byType.get(toType) ?? new Map();
    byType.set(toType, targets);
    return targets;
  }
}

const key = (end: End) => `${end.type}/${end.id}`;
const describe = (pair: PairDef, typeId: number): LinkType => ({
  category: typeId > 10_000 ? 'USER_DEFINED' : 'HUBSPOT_DEFINED',
  typeId,
  label: typeId === pair.primary ? 'Primary' : null,
});
