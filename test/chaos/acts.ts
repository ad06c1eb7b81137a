/** What people do in the tools' own screens while the hub works. */
import type { Random } from '../../api/demo/world/random.ts';
import type { Json } from '../../connectors/contract.ts';
import type { Cast, Figure, Shown } from './cast.ts';
import {
  type Attribute,
  COMPANY,
  COMPANY_STREAMS,
  keyOf,
  PERSON,
  PERSON_STREAMS,
  type PersonStream,
  type Stream,
} from './shape.ts';
import { personFields, type Stock } from './world.ts';

export interface Stage {
  cast: Cast;
  stock: Stock;
  rng: Random;
  round: number;
  /** Makes every value one that nobody ever wrote before. */
  fresh(): number;
}

/** Rounds for which a figure's identity rests after it changed: a person is not renamed twice while the hub still learns of it. */
const REST = 8;

const ACTS: readonly (readonly [number, string, (stage: Stage) => boolean])[] = [
  [60, 'edit', editPerson],
  [10, 'edit of a company', editCompany],
  [7, 'create', create],
  [3, 'create in both tools at once', createTwice],
  [4, 'delete', remove],
  [3, 'create again', createAgain],
  [3, 'merge', mergeStrangers],
  [3, 'merge of duplicates', mergeTwins],
  [4, 'conversion', convert],
  [3, 'move to another company', move],
];

/** One act of one person. Returns what it was; undefined where there was nothing to do it with. */
export function act(stage: Stage): string | undefined {
  const [name, work] = stage.rng.weighted(ACTS.map(([weight, ...rest]) => [weight, rest] as const));
  stage.cast.lookAround();
  return work(stage) ? name : undefined;
}

function someone(stage: Stage, streams: readonly Stream[]): { figure: Figure; record: Shown } | undefined {
  const { cast, rng } = stage;
  const records = cast.live(rng.pick(streams)).filter((record) => cast.owner(record));
  if (records.length === 0) return undefined;
  const record = rng.pick(records);
  return { figure: cast.owner(record)!, record };
}

const letters = (n: number): string =>
  (n >= 26 ? letters(Math.floor(n / 26) - 1) : '') + String.fromCharCode(97 + (n % 26));

function valueFor(stage: Stage, attribute: string, figure: Figure): Json {
  const n = stage.fresh();
  const four = (x: number) => String(x % 10_000).padStart(4, '0');
  const rough = stage.rng.chance(0.15);
  switch (attribute) {
    case 'mobile':
      return `080-${four(n)}-${four(n * 7 + 1)}`;
    case 'phone':
      return `03-${four(1000 + n)}-${four(n * 3 + 2)}`;
    case 'fax':
      return `03-${four(9000 - n)}-${four(n)}`;
    case 'givenName':
      return `Given${letters(n)}`;
    case 'familyName':
      return `Family${letters(n)}`;
    case 'email':
      return rough ? `N${n}.X@Chaos-${figure.tag}.Example` : `n${n}@chaos-${figure.tag}.example`;
    default:
      // What tools trim, fold or keep: a sync that takes that for an edit never ends.
      return rough ? `  ${attribute} Ｎｏ ${n}  ` : `${attribute} ${n}`;
  }
}

const KNOWN_BY = new Set(['givenName', 'familyName', 'email', 'name']);
const CLEARED = new Set(['title', 'fax', 'mobile', 'city', 'description']);

function edit<S extends Stream>(
  stage: Stage,
  attributes: readonly (readonly [number, Attribute<S>])[],
  stream: S,
  found: { figure: Figure; record: Shown },
): boolean {
  const { cast, rng, round } = stage;
  const { figure, record } = found;
  const attribute = rng.weighted(attributes);
  const identity = KNOWN_BY.has(attribute.name);
  if (identity && (figure.shaken > round - REST || stage.round < REST)) return false;
  // Renamed before the hub has seen that account, it would be a company of the same address and quite another name: rightly two.
  if (attribute.name === 'name' && figure.doubled) return false;
  const field = attribute.fields[stream]!;
  // What is empty already nobody can empty.
  const clears = CLEARED.has(attribute.name) && rng.chance(0.12) && Boolean(record.fields[field]);
  const value = clears ? null : valueFor(stage, attribute.name, figure);
  if (identity) figure.shaken = round;
  if (attribute.name === 'name') figure.renamed = true;
  cast.say(stream, record.id, figure, attribute.name, field, value);
  return true;
}

function editPerson(stage: Stage): boolean {
  const found = someone(
    stage,
    PERSON_STREAMS.filter((stream) => stream !== 'Lead' || stage.rng.chance(0.5)),
  );
  if (!found) return false;
  const weights = PERSON.map((a) => [KNOWN_BY.has(a.name) ? 1 : 4, a] as const);
  return edit(stage, weights, found.record.stream as PersonStream, found);
}

function editCompany(stage: Stage): boolean {
  const found = someone(stage, COMPANY_STREAMS);
  if (!found) return false;
  const weights = COMPANY.map((a) => [KNOWN_BY.has(a.name) ? 1 : 4, a] as const);
  return edit(stage, weights, found.record.stream as 'Account' | 'companies', found);
}

function employerIn(stage: Stage, stream: PersonStream): { id?: string; name?: Json; tag?: string } {
  const companies = stage.cast.live(stream === 'contacts' ? 'companies' : 'Account');
  if (companies.length === 0) return {};
  const { id, fields } = stage.rng.pick(companies);
  const tag = /chaos-(c\d+)/.exec(JSON.stringify(fields))?.[1];
  return { id, name: fields.Name ?? fields.name ?? null, ...(tag ? { tag } : {}) };
}

/** Typed in, and saved: the tool tells its webhooks of the second. */
function typeIn(stage: Stage, stream: PersonStream, tag: string, values: Record<string, Json>): void {
  const { cast } = stage;
  const figure = cast.figure(tag);
  figure.shaken = stage.round;
  const at = Date.now();
  const id = cast.put(stream, tag, personFields(stream, values, employerIn(stage, stream)));
  for (const [attribute, value] of Object.entries(values))
    figure.said.push({
      record: keyOf(stream, id),
      attribute,
      value: value === null ? null : String(value),
      at,
    });
  cast.say(
    stream,
    id,
    figure,
    'title',
    stream === 'contacts' ? 'jobtitle' : 'Title',
    `title ${stage.fresh()}`,
  );
}

function create(stage: Stage): boolean {
  if (stage.stock.left === 0) return false;
  const { tag, values } = stage.stock.next();
  typeIn(stage, stage.rng.pick(PERSON_STREAMS), tag, values);
  return true;
}

/** Two colleagues, each in their own tool, enter the same new customer. */
function createTwice(stage: Stage): boolean {
  if (stage.stock.left === 0) return false;
  const { tag, values } = stage.stock.next();
  for (const stream of stage.rng.shuffle(['Contact', 'contacts'] as const))
    typeIn(stage, stream, tag, values);
  return true;
}

function remove(stage: Stage): boolean {
  const found = someone(stage, PERSON_STREAMS);
  if (!found) return false;
  stage.cast.remove(found.record, found.figure);
  return true;
}

/** Somebody whom a tool has no longer is entered there once more, as the other tool shows them. */
function createAgain(stage: Stage): boolean {
  const { cast, rng, round } = stage;
  const from = rng.pick(['Contact', 'contacts'] as const);
  const to = from === 'Contact' ? 'contacts' : 'Contact';
  const there = new Set(cast.live(to).map((record) => cast.owner(record)));
  const lone = cast
    .live(from)
    .filter((record) => {
      const figure = cast.owner(record);
      // What strangers are made of by a merge, and by the hub after it, need be like no single record that people wrote.
      return figure && !figure.mixed && !there.has(figure) && figure.shaken <= round - REST;
    })
    // The hub may be about to create it there itself: a person does so only where one was deleted.
    .filter((record) => cast.all(to).some((old) => old.deleted && cast.owner(old) === cast.owner(record)));
  if (lone.length === 0) return false;
  const record = rng.pick(lone);
  const values = Object.fromEntries(PERSON.map((a) => [a.name, record.fields[a.fields[from]!] ?? null]));
  const taken = cast.live(to).some(({ fields }) => fields.email && fields.email === values.email);
  if (taken) return false;
  typeIn(stage, to, cast.owner(record)!.tag, values);
  return true;
}

function fold(stage: Stage, stream: PersonStream, winner: Shown, loser: Shown): void {
  const { cast } = stage;
  const [kept, gone] = [cast.owner(winner)!, cast.owner(loser)!];
  const before = new Set(cast.live(stream).map(({ key }) => key));
  cast.box(stream).merge(stream, winner.id, loser.id);
  for (const { key, deleted } of cast.all(stream)) if (deleted && before.has(key)) cast.gone.add(key);
  kept.acts += 1;
  kept.shaken = stage.round;
  kept.folded = true;
  if (kept !== gone) {
    gone.one = kept;
    kept.mixed = true;
    kept.acts += gone.acts + 1;
    kept.said.push(...gone.said);
  }
  for (const { key } of cast.live(stream)) if (!before.has(key)) cast.claim(key, kept);
}

/**
 * On a busy machine rounds pass faster than the hub looks. Of a record that is folded into a stranger's before it was ever read, nobody
 * can tell whose it was.
 */
const isNew = (cast: Cast, record: Shown) => cast.lookedFor(record) < NEW_MS;
const NEW_MS = 5000;

function mergeStrangers(stage: Stage): boolean {
  const { cast, rng, round } = stage;
  const stream = rng.pick(['Contact', 'contacts'] as const);
  const records = cast.live(stream).filter((record) => {
    const figure = cast.owner(record);
    return figure && figure.shaken <= round - REST && !isNew(cast, record);
  });
  if (records.length < 2) return false;
  const [winner, loser] = rng.shuffle(records);
  fold(stage, stream, winner!, loser!);
  return true;
}

/** Two records of one person in one tool. */
function mergeTwins(stage: Stage): boolean {
  const { cast, rng } = stage;
  const stream = rng.pick(['Contact', 'contacts'] as const);
  const groups = [...Map.groupBy(cast.live(stream), (record) => cast.owner(record))].filter(
    ([figure, records]) => figure && records.length > 1,
  );
  if (groups.length === 0) return false;
  const [winner, loser] = rng.shuffle(rng.pick(groups)[1]);
  fold(stage, stream, winner!, loser!);
  return true;
}

/** What the record that a conversion made shows: what the lead had said, and what the hub had written there. */
function hear<S extends Stream>(
  cast: Cast,
  attributes: readonly Attribute<S>[],
  stream: S,
  id: string,
  figure: Figure,
): void {
  const record = cast.live(stream).find((one) => one.id === id)!;
  for (const { name, fields } of attributes) {
    const value = record.fields[fields[stream] ?? ''] ?? null;
    if (value !== null)
      figure.said.push({
        record: record.key,
        attribute: name,
        value: String(value),
        at: Date.now(),
        carried: true,
      });
  }
}

const companyOf = (lead: Shown) => /chaos-(c\d+)/.exec(String(lead.fields.Website ?? ''))?.[1];

/**
 * A conversion makes an account of the name that the lead gives. Of a company that was renamed, in whichever tool, no record need be
 * like it: who renamed it said nothing of its address there, and what the hub wrote elsewhere is nobody's word.
 */
function isNotRenamed(cast: Cast, lead: Shown): boolean {
  const tag = companyOf(lead);
  return tag === undefined || !cast.figure(tag).renamed;
}

function convert(stage: Stage): boolean {
  const { cast, rng } = stage;
  const leads = cast.live('Lead').filter((lead) => cast.owner(lead) && isNotRenamed(cast, lead));
  if (leads.length === 0) return false;
  const lead = rng.pick(leads);
  const figure = cast.owner(lead)!;
  const { contactId, accountId } = cast.served.salesforce.convert(lead.id);
  cast.gone.add(lead.key);
  cast.claim(keyOf('Contact', contactId), figure);
  for (const key of [keyOf('Contact', contactId), keyOf('Account', accountId)])
    cast.converted.set(key, Date.now());
  const tag = companyOf(lead);
  hear(cast, PERSON, 'Contact', contactId, figure);
  if (tag) {
    const company = cast.figure(tag);
    cast.claim(keyOf('Account', accountId), company);
    hear(cast, COMPANY, 'Account', accountId, company);
    company.doubled = true;
  }
  figure.acts++;
  figure.folded = true;
  figure.shaken = stage.round;
  return true;
}

function move(stage: Stage): boolean {
  const found = someone(stage, ['Contact', 'contacts']);
  if (!found) return false;
  const { figure, record } = found;
  const { id } = employerIn(stage, record.stream as PersonStream);
  if (id === undefined) return false;
  const field = record.stream === 'Contact' ? 'AccountId' : 'associations.companies';
  stage.cast.box(record.stream).edit(record.stream, record.id, { [field]: id });
  figure.acts++;
  return true;
}
