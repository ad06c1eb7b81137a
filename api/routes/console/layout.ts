import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { Language, Words } from './words.ts';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** What every page needs to speak. */
export interface Tongue {
  language: Language;
  words: Words;
  timeZone: string;
}

/** A whole page. Everything put into `html` is escaped unless it is itself `html`. */
export function page({ language, words }: Tongue, title: string, body: Html, search?: string): Html {
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Nayose</title>
<link rel="stylesheet" href="/console.css">
<link rel="icon" href="data:,">
</head>
<body>
${
  search === undefined
    ? ''
    : html`<header><div>
<a class="brand" href="/"><span>名寄せ</span>Nayose</a>
<form action="/" method="get" role="search"><input type="search" name="q" value="${search}" placeholder="${words.findHint}" aria-label="${words.find}"><button>${words.search}</button></form>
</div></header>`
}
<main>${body}</main>
</body>
</html>`;
}

/** In the hub's time zone, as the language writes it. */
export function time({ language, timeZone }: Tongue, at: string | null): string {
  if (at === null) return '';
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(
    new Date(at),
  );
}

export const number = ({ language }: Tongue, n: number) => n.toLocaleString(language);
