import { asciiHost, isFreeMail } from './email.ts';
import { fold } from './fold.ts';

/** Sites where anyone has a page: they are not the company's own. */
const SHARED_HOSTS = new Set(
  `facebook.com twitter.com x.com instagram.com linkedin.com youtube.com note.com ameblo.jp wixsite.com jimdo.com jimdofree.com
wordpress.com blogspot.com google.com sites.google.com amazon.co.jp amazon.com rakuten.co.jp base.shop stores.jp line.me example.com example.co.jp
localhost.localdomain github.io peraichi.com tabelog.com hotpepper.jp`
    .trim()
    .split(/\s+/u),
);
/** Suffixes under which companies register at the third level. */
const SECOND_LEVEL = new Set(
  `co.jp ne.jp or.jp ac.jp go.jp ed.jp gr.jp lg.jp ad.jp co.uk org.uk ac.uk gov.uk me.uk com.au net.au org.au edu.au gov.au co.nz co.kr or.kr co.in com.cn com.tw com.sg
com.hk com.br com.mx co.za com.tr co.th co.id`
    .trim()
    .split(/\s+/u),
);

/** The last labels of a host; all of it when it has no more. */
function lastLabels(host: string, count: number): string {
  let from = host.length;
  for (let i = 0; i < count; i++) {
    from = from === 0 ? -1 : host.lastIndexOf('.', from - 1);
    if (from === -1) return host;
  }
  return host.slice(from + 1);
}

/** The registrable part of a host: www.sales.example.co.jp → example.co.jp. */
export function registrable(host: string): string {
  const two = lastLabels(host, 2);
  return SECOND_LEVEL.has(two) ? lastLabels(host, 3) : two;
}

/** A company's own domain out of a web address or a bare domain; null for shared hosts and free mail. */
export function companyDomain(text: string): string | null {
  const folded = fold(text).toLowerCase().replace(/\s/gu, '');
  const match = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^/@?#]*@)?([^/:?#]+)/u.exec(folded);
  if (match === null) return null;
  const host = asciiHost(match[1]!);
  if (host === null || !host.includes('.') || /^[\d.]+$/u.test(host)) return null;
  const domain = registrable(host);
  return isFreeMail(domain) || SHARED_HOSTS.has(domain) || SHARED_HOSTS.has(host) ? null : domain;
}
