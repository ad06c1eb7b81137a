/**
 * A message as chat tools take it. What stands in records comes from strangers (web forms), so it is only ever put where no
 * markup is read: Slack's plain_text, and TextRun of Adaptive Cards.
 */
import type { Json } from '../contract.ts';
import type { MessageFormat } from './config.ts';

type JsonObject = { [key: string]: Json };

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const LONGEST_TITLE = 140;
const LONGEST_VALUE = 300;
/** Slack takes ten fields of a section. */
const MOST_FACTS = 10;

function cut(text: string, longest: number): string {
  const letters = [...text];
  return letters.length <= longest ? text : `${letters.slice(0, longest - 1).join('')}…`;
}

const shown = (value: Json | undefined): string =>
  value === null || value === undefined
    ? '–'
    : cut(typeof value === 'string' ? value : JSON.stringify(value), LONGEST_VALUE);

interface Card {
  title: string;
  facts: [string, string][];
}

function nameOf(values: JsonObject): string {
  const { fullName, familyName, givenName, name, email } = values;
  const parts = [familyName, givenName].filter((part) => typeof part === 'string' && part !== '');
  const found = [fullName, parts.join(' '), name, email].find((one) => typeof one === 'string' && one !== '');
  return typeof found === 'string' ? found : '';
}

/** What a person wants to see first: which alert, who, and what changed. */
function cardOf(payload: JsonObject): Card {
  const data = isObject(payload.data) ? payload.data : {};
  const golden = isObject(data.golden) ? data.golden : {};
  const values = isObject(golden.values) ? golden.values : {};
  const changed = isObject(data.changed) ? data.changed : {};
  const facts: [string, string][] = [];
  for (const name of ['email', 'phone', 'company', 'title'])
    if (values[name] !== undefined && values[name] !== null && !Object.hasOwn(changed, name))
      facts.push([name, shown(values[name])]);
  for (const [name, change] of Object.entries(changed))
    if (isObject(change)) facts.push([name, `${shown(change.from)} → ${shown(change.to)}`]);
  const title = [String(payload.type ?? '').replace(/^alert\./, ''), nameOf(values)].filter(
    (part) => part !== '',
  );
  return {
    title: cut(title.join(': '), LONGEST_TITLE),
    facts: [...facts.slice(0, MOST_FACTS - 1), ['golden record', shown(golden.id)]],
  };
}

/** Slack reads three characters of the notification's text as markup. */
const slackText = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function slack({ title, facts }: Card): Json {
  return {
    text: slackText(title),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title, emoji: false } },
      {
        type: 'section',
        fields: facts.map(([name, value]) => ({
          type: 'plain_text',
          text: `${name}: ${value}`,
          emoji: false,
        })),
      },
    ],
  };
}

function teams({ title, facts }: Card): Json {
  const line = (runs: Json[]) => ({ type: 'RichTextBlock', inlines: runs });
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            line([{ type: 'TextRun', text: title, weight: 'Bolder', size: 'Large' }]),
            ...facts.map(([name, value]) =>
              line([
                { type: 'TextRun', text: `${name}: `, weight: 'Bolder' },
                { type: 'TextRun', text: value },
              ]),
            ),
          ],
        },
      },
    ],
  };
}

/** The body that a receiver of this format is sent. `body`: the Standard Webhooks payload, which `standard` leaves as it is. */
export function formatBody(format: MessageFormat, body: string): string {
  if (format === 'standard') return body;
  const payload = JSON.parse(body) as JsonObject;
  return JSON.stringify(format === 'slack' ? slack(cardOf(payload)) : teams(cardOf(payload)));
}
