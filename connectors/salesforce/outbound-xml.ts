/**
 * A reader for the little XML that outbound messages are: elements, attributes, text. A DOCTYPE is refused, and with it
 * every entity but XML's own five; depth and the number of elements are bounded.
 */
export interface Element {
  /** Of its namespace: an address, or '' for none. */
  namespace: string;
  name: string;
  /** By the names as they were written, prefixes and all. */
  attributes: Map<string, string>;
  children: Element[];
  text: string;
}

/** What stands in the text is no XML of the kind that this reader takes. `message` quotes nothing of it. */
export class XmlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'XmlError';
  }
}

const DEEPEST = 12;
const MOST_ELEMENTS = 50_000;
const MOST_ATTRIBUTES = 50;
const NAME = '[A-Za-z_][\\w.-]*(?::[A-Za-z_][\\w.-]*)?';
const START = new RegExp(`<(${NAME})((?:\\s+${NAME}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(/?)>`, 'y');
const END = new RegExp(`</(${NAME})\\s*>`, 'y');
const ATTRIBUTE = new RegExp(`(${NAME})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, 'g');
const TEXT = /[^<]+/y;
const CDATA = /<!\[CDATA\[([\s\S]*?)\]\]>/y;
const COMMENT = /<!--(?:(?!--)[\s\S])*-->/y;
const DECLARATION = /^\uFEFF?<\?xml\s[^<>?]*\?>/;

interface Open extends Element {
  written: string;
  prefixes: Map<string, string>;
}

/** The root element. Throws XmlError. */
export function readXml(text: string): Element {
  const open: Open[] = [];
  let root: Element | undefined;
  let elements = 0;
  let at = DECLARATION.exec(text)?.[0].length ?? 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return undefined;
    at = pattern.lastIndex;
    return match;
  };
  const say = (said: string) => {
    const inside = open.at(-1);
    if (inside !== undefined) inside.text += said;
    else if (said.trim() !== '') throw new XmlError('there is text outside of the root element');
  };
  while (at < text.length) {
    const plain = take(TEXT);
    if (plain) {
      say(unescaped(plain[0]));
      continue;
    }
    if (take(COMMENT)) continue;
    const literal = take(CDATA);
    if (literal) {
      say(literal[1]!);
      continue;
    }
    const end = take(END);
    if (end) {
      const closed = open.pop();
      if (closed === undefined || closed.written !== end[1])
        throw new XmlError('an end tag has no start tag');
      continue;
    }
    const start = take(START);
    if (!start) throw new XmlError('there is something that is no element, text or comment');
    const parent = open.at(-1);
    if (parent === undefined && root !== undefined) throw new XmlError('there are two root elements');
    elements += 1;
    if (elements > MOST_ELEMENTS) throw new XmlError(`there are more than ${MOST_ELEMENTS} elements`);
    if (open.length >= DEEPEST) throw new XmlError(`elements nest deeper than ${DEEPEST} levels`);
    const element = opened(start[1]!, start[2]!, parent?.prefixes);
    if (parent === undefined) root = element;
    else parent.children.push(element);
    if (start[3] === '') open.push(element);
  }
  if (root === undefined) throw new XmlError('there is no element');
  if (open.length > 0) throw new XmlError('the text ends before its last element does');
  return root;
}

function opened(written: string, rest: string, inherited: Map<string, string> | undefined): Open {
  const attributes = new Map<string, string>();
  for (const [, name, double, single] of rest.matchAll(ATTRIBUTE)) {
    if (attributes.has(name!)) throw new XmlError('an element has an attribute twice');
    attributes.set(name!, unescaped(double ?? single ?? ''));
    if (attributes.size > MOST_ATTRIBUTES)
      throw new XmlError(`an element has more than ${MOST_ATTRIBUTES} attributes`);
  }
  const own = [...attributes].filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'));
  const prefixes =
    own.length === 0 && inherited !== undefined
      ? inherited
      : new Map([
          ...(inherited ?? []),
          ...own.map(([name, value]): [string, string] => [name.slice('xmlns:'.length), value]),
        ]);
  const [prefix, name] = split(written);
  const namespace = prefixes.get(prefix);
  if (namespace === undefined && prefix !== '') throw new XmlError('a prefix has no namespace');
  return { namespace: namespace ?? '', name, attributes, children: [], text: '', written, prefixes };
}

/** `sf:Contact` → ['sf', 'Contact'] */
export function split(written: string): [prefix: string, name: string] {
  const [first = '', second] = written.split(':');
  return second === undefined ? ['', first] : [first, second];
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&([^;&]{0,12};?)/g, (_, inside: string) => {
    const name = inside.endsWith(';') ? inside.slice(0, -1) : '';
    const number = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name);
    if (number) {
      const code = number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16);
      if (code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)) return String.fromCodePoint(code);
    } else if (Object.hasOwn(ENTITIES, name)) return ENTITIES[name]!;
    throw new XmlError('there is an entity that is none of XML’s own');
  });
}
