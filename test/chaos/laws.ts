/** The laws, checked against the sandboxes' own books and the test's own memory of what people did. */
import type { Cast, Figure, Said, Shown } from './cast.ts';
import {
  type Attribute,
  COMPANY,
  COMPANY_STREAMS,
  PERSON,
  PERSON_STREAMS,
  STREAMS,
  type Stream,
  toolOf,
} from './shape.ts';
import { mayBeOverrun, mayBeUnfilled, mayBeUnread, type Reading } from './unread.ts';

export class LawBroken extends Error {
  readonly law: string;
  readonly records: unknown[];
  constructor(law: string, message: string, records: unknown[] = []) {
    super(message);
    this.law = law;
    this.records = records;
  }
}

/** A golden record as the hub tells of it. */
export interface Golden {
  id: string;
  values: Record<string, unknown>;
  records: { id: string }[];
}

/** What the hub says of itself, and is taken at its word for. */
export interface HubSays {
  failures: readonly Named[];
  goldens: readonly Golden[];
}

/** With its books, when all is over. */
export interface HubKnows extends HubSays, Reading {}

/** What `nayose failures` names: values that a tool would not take. */
export interface Named {
  connection: string;
  field: string;
  record: string;
}

/**
 * Edits of one attribute in two tools that are closer than this: Salesforce shows whole seconds, and an edit that falls between
 * the hub's look and its write of the other one is overwritten (docs/edits.md says what remains). Either may win; both tools agree.
 */
const TIE_MS = 3000;

/** All records that are one person, or one company. */
function groups(cast: Cast, streams: readonly Stream[]): Map<Figure, Shown[]> {
  const records = streams.flatMap((stream) => cast.live(stream));
  const found = new Map<Figure, Shown[]>();
  for (const record of records) {
    const figure = cast.owner(record);
    if (!figure) continue;
    const own = found.get(figure);
    if (own) own.push(record);
    else found.set(figure, [record]);
  }
  return found;
}

function shows<S extends Stream>(attribute: Attribute<S>, record: Shown): string | undefined {
  const field = attribute.fields[record.stream as S];
  return field === undefined ? undefined : attribute.same(record.fields[field]);
}

const excused = (failures: readonly Named[], record: Shown, field: string) =>
  failures.some(
    (one) =>
      (one.field === field || one.field === '') &&
      one.connection === toolOf(record.stream) &&
      one.record.endsWith(`/${record.id}`),
  );

/**
 * Both tools show the same of everybody, save for what `failures` names, and for what nobody says any more since the only record
 * that said it was folded into another: rules alone clear nothing.
 */
export function equal(cast: Cast, { failures, goldens }: HubSays): number {
  let compared = 0;
  const unsaid = (figure: Figure, records: readonly Shown[], attribute: string) =>
    figure.folded &&
    !goldens.some(
      ({ values, records: own }) =>
        attribute in values && own.some(({ id }) => records.some((r) => r.id === id)),
    );
  const check = <S extends Stream>(attributes: readonly Attribute<S>[], streams: readonly S[]) => {
    for (const [figure, records] of groups(cast, streams))
      for (const attribute of attributes) {
        if (unsaid(figure, records, attribute.name)) continue;
        const counted = records.filter(
          (record) => !excused(failures, record, attribute.fields[record.stream as S] ?? ''),
        );
        const shown = new Set(counted.flatMap((record) => shows(attribute, record) ?? []));
        compared += counted.length;
        if (shown.size > 1)
          throw new LawBroken(
            'both tools equal',
            `${attribute.name} of ${figure.tag}: ${[...shown].map((value) => `'${value}'`).join(' and ')}`,
            [...counted, ...figure.said.filter((said) => said.attribute === attribute.name)],
          );
      }
  };
  check(PERSON, PERSON_STREAMS);
  check(COMPANY, COMPANY_STREAMS);
  return compared;
}

/** Of one attribute: what may count as said last, in order of time. Nothing where nobody said anything anew. */
function newestOf(cast: Cast, said: readonly Said[]): Said[] {
  const last = [...new Map(said.map((one) => [one.record, one])).values()];
  const anew = last.filter(({ carried }) => !carried);
  if (anew.length === 0) return [];
  const newest = Math.max(...anew.map(({ at }) => at));
  // A tool shows the time of a record's newest edit, whichever field that was of.
  return last.filter(({ record, at }) => Math.max(at, cast.lastTouched.get(record) ?? at) >= newest - TIE_MS);
}

/**
 * The newest thing that people said of an attribute is what the tools show, save for what `failures` names, for what was said in a
 * record that somebody deleted before the hub had read it, for what was emptied in one that a conversion had just made, and for what a
 * write of the hub's has overrun: what was said before it is right then, too. Returns how many were looked at.
 */
export function nothingLost(cast: Cast, knows: HubKnows): number {
  const { failures } = knows;
  let looked = 0;
  const check = <S extends Stream>(attributes: readonly Attribute<S>[], streams: readonly S[]) => {
    for (const [figure, records] of groups(cast, streams))
      for (const attribute of attributes) {
        // `prefer: [crm]`: no edit in the other tool outranks what Salesforce said once.
        if (attribute.name === 'phone' && streams.includes('contacts' as S)) continue;
        const said = figure.said
          .filter((one) => one.attribute === attribute.name)
          .filter((one) => !mayBeUnread(cast, one, attribute, knows));
        // A merge or a conversion in the tool decides anew what its record says.
        if (said.length === 0 || said.some(({ record }) => cast.gone.has(record))) continue;
        said.sort((a, b) => a.at - b.at);
        if (mayBeUnfilled(cast, said.at(-1)!, attribute, knows)) continue;
        const isShown = ({ record, value }: Said) =>
          records.some((own) => own.key === record && shows(attribute, own) === attribute.same(value));
        const seen = said.filter((one) => isShown(one) || !mayBeOverrun(cast, one));
        const either = [newestOf(cast, said), newestOf(cast, seen)];
        if (either.some((possible) => possible.length === 0)) continue;
        looked++;
        const wanted = new Set(either.flat().map(({ value }) => attribute.same(value)));
        for (const record of records) {
          const value = shows(attribute, record);
          if (excused(failures, record, attribute.fields[record.stream as S] ?? '')) continue;
          if (value !== undefined && !wanted.has(value))
            throw new LawBroken(
              'nothing lost',
              `${attribute.name} of ${figure.tag} is '${value}' in ${record.key}; people said ${[...wanted].map((one) => `'${one}'`).join(' or ')}`,
              [...records, ...said],
            );
        }
      }
  };
  check(PERSON, PERSON_STREAMS);
  check(COMPANY, COMPANY_STREAMS);
  return looked;
}

/** Nobody was made more than once in a tool by the hub. */
export function nothingTwice(cast: Cast): number {
  cast.lookAround();
  const made = Map.groupBy(
    cast.byHub,
    ([key, figure]) => `${toolOf(key.split('/')[0] as Stream)} ${figure.tag}`,
  );
  for (const [who, records] of made)
    if (records.length > 1)
      throw new LawBroken(
        'nothing created twice',
        `the hub made ${records.length} records: ${who}`,
        STREAMS.flatMap((stream) => cast.all(stream)).filter(({ key }) =>
          records.some(([one]) => one === key),
        ),
      );
  return cast.byHub.size;
}

/** No write that changed nothing. */
export function noIdleWrites(cast: Cast): void {
  const { salesforce, hubspot } = cast.served;
  const idle = salesforce.books.noops + hubspot.books.noops;
  if (idle > 0)
    throw new LawBroken(
      'no no-op writes',
      `${salesforce.books.noops} in Salesforce, ${hubspot.books.noops} in HubSpot`,
    );
}

/** A record is written to as often as people did something about it, and a little: never round and round. */
export function noPingPong(cast: Cast): number {
  let most = 0;
  const writes = { ...cast.served.salesforce.books.writes, ...cast.served.hubspot.books.writes };
  const all = new Map(STREAMS.flatMap((stream) => cast.all(stream)).map((record) => [record.key, record]));
  for (const [key, count] of Object.entries(writes)) {
    const record = all.get(key);
    const figure = record && cast.owner(record);
    if (!figure) continue;
    most = Math.max(most, count);
    if (count > 6 + 2 * figure.acts)
      throw new LawBroken(
        'no ping-pong',
        `${key} was written ${count} times; people did ${figure.acts} things about ${figure.tag}`,
        [record, ...figure.said],
      );
  }
  return most;
}
