/** SOQL from parts that cannot break out of it: identifiers are checked, values are escaped or refused. */
import { ConnectorError } from '../contract.ts';

const NAME = /^[A-Za-z]\w*$/;
const PATH = /^[A-Za-z]\w*(\.[A-Za-z]\w*){0,5}$/;

/** An object's or field's API name, also through relationships (`Account.Name`); throws for anything else. */
export function identifier(name: string, dotted = true): string {
  if ((dotted ? PATH : NAME).test(name)) return name;
  throw new ConnectorError('rejected', `not a Salesforce API name: ${JSON.stringify(name.slice(0, 80))}`, {
    hint: 'Use the API name from Setup → Object Manager, such as Email or Score__c.',
  });
}

const ESCAPES: Record<string, string> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

export function quote(text: string): string {
  return `'${text.replace(/[\\'\n\r\t\b\f]/g, (char) => ESCAPES[char]!)}'`;
}

/** A value as the field's type wants it; undefined where it cannot be a value of that type (it matches nothing). */
export function literal(text: string, describedType: string): string | undefined {
  switch (describedType) {
    case 'boolean':
      return /^(true|false)$/i.test(text) ? text.toLowerCase() : undefined;
    case 'int':
    case 'long':
    case 'double':
    case 'currency':
    case 'percent':
      return /^-?\d+(\.\d+)?$/.test(text) ? text : undefined;
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : undefined;
    case 'datetime': {
      const time = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
      return Number.isNaN(time) ? undefined : new Date(time).toISOString();
    }
    default:
      return quote(text);
  }
}

/** As many of the literals, from the first on, as fit the address of one GET. At least one. */
export function fitting(soql: (literals: string[]) => string, literals: string[], longest = 12_000): number {
  let room = longest - encodeURIComponent(soql([])).length;
  let count = 0;
  for (const text of literals) {
    room -= encodeURIComponent(text).length + 3;
    if (room < 0 && count > 0) break;
    count += 1;
  }
  return count;
}
