/** Who is who in both tools, and what people said of them: the test's own memory, which the hub never sees. */
import type { Served } from '../../api/demo/sandboxes.ts';
import type { Fields, Json } from '../../connectors/contract.ts';
import type { SandboxRecord } from '../../connectors/sandbox.ts';
import { keyOf, STREAMS, type Stream, toolOf } from './shape.ts';

export interface Said {
  record: string;
  attribute: string;
  value: string | null;
  /** Milliseconds, before and after the tool took it. */
  at: number;
  /** Not said anew: the tool carried it into the record that a conversion made. It may be what counts, but it outranks nothing. */
  carried?: true;
}

/** A person or a company of the world. */
export interface Figure {
  tag: string;
  said: Said[];
  /** How often somebody did something about it, edits included. */
  acts: number;
  /** Set when somebody merged it into another in some tool: from then on both are one. */
  one: Figure | undefined;
  /** The round in which what it is known by last changed. */
  shaken: number;
  /** Somebody merged a stranger into it. */
  mixed: boolean;
  /** A company whose name somebody changed. */
  renamed: boolean;
  /** A company of which a conversion made one more account. */
  doubled: boolean;
  /** A record of it was folded into another: what only the folded one said, nobody says any more. */
  folded: boolean;
}

export interface Shown extends SandboxRecord {
  stream: Stream;
  key: string;
}

/** Every record carries its figure's tag in its address: `…@chaos-p12.example`, `chaos-c3.example`. */
const TAG = /chaos-([pc]\d+)\.example/i;
const KNOWN_BY: Record<Stream, string[]> = {
  Contact: ['Email'],
  Lead: ['Email'],
  contacts: ['email'],
  Account: ['Website'],
  companies: ['domain', 'website'],
};

export class Cast {
  readonly served: Served;
  readonly figures = new Map<string, Figure>();
  /** Records that people made, and those that a merge made. */
  readonly byPeople = new Set<string>();
  /** Records that the hub made, and of whom it said they were. */
  readonly byHub = new Map<string, Figure>();
  /** Records that were folded into others: what was said of them is the tool's to keep or to drop. */
  readonly gone = new Set<string>();
  /** Contacts and accounts that a conversion made, and when. */
  readonly converted = new Map<string, number>();
  /** Records that people entered while the hub was at work, and when. */
  readonly entered = new Map<string, number>();
  /** When the hub was killed, until it listened again: it looks at nothing. */
  readonly asleep: { from: number; to: number }[] = [];
  /** Records that people deleted, and when. */
  readonly removed = new Map<string, number>();
  private readonly owners = new Map<string, Figure>();
  /** When somebody last did something to a record. */
  readonly lastTouched = new Map<string, number>();

  constructor(served: Served) {
    this.served = served;
  }

  box(stream: Stream) {
    return toolOf(stream) === 'crm' ? this.served.salesforce : this.served.hubspot;
  }

  figure(tag: string): Figure {
    let figure = this.figures.get(tag);
    if (!figure) {
      figure = {
        tag,
        said: [],
        acts: 0,
        one: undefined,
        shaken: 0,
        mixed: false,
        renamed: false,
        doubled: false,
        folded: false,
      };
      this.figures.set(tag, figure);
    }
    return figure;
  }

  /** The figure that this one has become part of. */
  root(figure: Figure): Figure {
    return figure.one ? this.root(figure.one) : figure;
  }

  all(stream: Stream): Shown[] {
    return this.box(stream)
      .records(stream)
      .map((record) => ({ ...record, stream, key: keyOf(stream, record.id) }));
  }

  live(stream: Stream): Shown[] {
    return this.all(stream).filter(({ deleted, fields }) => !deleted && fields.IsConverted !== true);
  }

  owner(record: Shown): Figure | undefined {
    const known = this.owners.get(record.key);
    return known && this.root(known);
  }

  /** A person puts a record in. */
  put(stream: Stream, tag: string, fields: Fields, at?: string): string {
    const [id] = this.box(stream).seed(stream, [{ fields, ...(at ? { at } : {}) }]);
    this.claim(keyOf(stream, id!), this.figure(tag));
    if (at === undefined) this.entered.set(keyOf(stream, id!), Date.now());
    return id!;
  }

  /** This record is this figure's, and people made it. */
  claim(key: string, figure: Figure): void {
    this.byPeople.add(key);
    this.owners.set(key, figure);
  }

  /** A person deletes a record. */
  remove(record: Shown, figure: Figure): void {
    this.box(record.stream).remove(record.stream, record.id);
    this.removed.set(record.key, Date.now());
    figure.acts++;
  }

  /** Milliseconds that the hub has had to look at a record that somebody entered while it was at work. Any other: all the time. */
  lookedFor({ key }: Shown): number {
    const entered = this.entered.get(key);
    if (entered === undefined) return Number.POSITIVE_INFINITY;
    const slept = this.asleep.map(({ from, to }) => Math.max(0, to - Math.max(from, entered)));
    return Date.now() - entered - slept.reduce((sum, time) => sum + time, 0);
  }

  /** Notes whose the records are that have appeared by themselves: the hub made them. */
  lookAround(): void {
    for (const stream of STREAMS)
      for (const record of this.all(stream)) {
        if (this.owners.has(record.key)) continue;
        const tag = KNOWN_BY[stream]
          .map((field) => TAG.exec(String(record.fields[field] ?? ''))?.[1])
          .find(Boolean);
        if (tag === undefined) continue;
        const figure = this.figure(tag);
        this.owners.set(record.key, figure);
        this.byHub.set(record.key, figure);
      }
  }

  /** When the hub wrote to a record, in milliseconds. */
  writtenAt(key: string): readonly number[] {
    return this.box(key.split('/')[0] as Stream).books.writtenAt[key] ?? [];
  }

  say(stream: Stream, id: string, figure: Figure, attribute: string, field: string, value: Json): void {
    const key = keyOf(stream, id);
    const at = Date.now();
    this.box(stream).edit(stream, id, { [field]: value });
    this.lastTouched.set(key, Date.now());
    figure.said.push({ record: key, attribute, value: value === null ? null : String(value), at });
    figure.acts++;
  }
}
