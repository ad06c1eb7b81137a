/**
 * Keeps outgoing webhooks away from addresses inside the network that the hub runs in (SSRF): loopback,
 * private, link-local and other addresses that are not on the public internet, by literal, by name, and after
 * a redirect.
 *
 * Between the look-up here and the connection the name is looked up once more, by fetch: a name server that
 * answers differently each time gets past. On Node the fetch that is handed in checks once more as it connects
 * (api/runtime/pinned.ts); Workers cannot reach private addresses.
 */
import { ConnectorError } from './contract.ts';

/** Every address of a name. Rejects when the name does not exist. */
export type Lookup = (hostname: string) => Promise<string[]>;

const FORBIDDEN_V4: [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

const v4Number = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

function publicV4(address: number): boolean {
  return !FORBIDDEN_V4.some(([start, bits]) => {
    const size = 2 ** (32 - bits);
    return Math.floor(address / size) === Math.floor(v4Number(start) / size);
  });
}

/** The eight groups of an IPv6 address in the form that URL gives it (`::` once, no dotted tail). */
function v6Groups(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const groups = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const left = groups(head);
  if (tail === undefined) return left;
  const right = groups(tail);
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

/** Only global unicast (2000::/3) is public, without the parts set aside for tunnels and examples (RFC 6890). */
function publicV6(groups: number[]): boolean {
  const [a, b, c, d, e, f, g, h] = groups as [number, number, number, number, number, number, number, number];
  const embedded = publicV4(g * 65_536 + h);
  if (a === 0x64 && b === 0xff9b && !c && !d && !e && !f) return embedded; // NAT64
  if (a < 0x2000 || a > 0x3fff) return false; // ::ffff:0:0/96 too: an IPv4 address has no business in that dress
  if (a === 0x2001 && (b < 0x200 || b === 0xdb8)) return false; // Teredo and other protocols; examples
  if (a === 0x2002) return false; // 6to4
  return !(a === 0x3fff && b < 0x1000); // examples
}

/** Is this literal IP address on the public internet? undefined when it is a name. */
export function isPublicAddress(host: string): boolean | undefined {
  const bare = host.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const literal = bare.includes(':') ? `[${bare}]` : bare;
  if (!URL.canParse(`http://${literal}/`)) return false;
  const canonical = new URL(`http://${literal}/`).hostname;
  if (canonical.startsWith('[')) return publicV6(v6Groups(canonical.slice(1, -1)));
  return /^\d+\.\d+\.\d+\.\d+$/.test(canonical) ? publicV4(v4Number(canonical)) : undefined;
}

function refuse(url: URL, why: string): never {
  throw new ConnectorError('rejected', `webhooks are not sent to ${url.host}: ${why}`, {
    hint: 'If this address is meant, write `allowPrivate: true` in its connection in hub.yaml.',
  });
}

/**
 * Throws ConnectorError 'rejected' unless the address is http(s), carries no credentials, and every IP address
 * that its host stands for is public; 'transient' when its name cannot be looked up.
 */
export async function refusePrivate(address: string | URL, options: { lookup?: Lookup } = {}): Promise<void> {
  const url = new URL(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    refuse(url, `${url.protocol} is not http or https`);
  if (url.username !== '' || url.password !== '')
    refuse(url, 'an address with a password in it is not allowed');
  const literal = isPublicAddress(url.hostname);
  if (literal === true) return;
  if (literal === false) refuse(url, 'it is a private, loopback or otherwise internal address');
  const name = url.hostname.replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) refuse(url, 'it is this machine');
  const found = await (options.lookup ?? systemLookup)(name).catch((cause: unknown) => {
    throw new ConnectorError('transient', `the name ${name} cannot be found`, {
      hint: 'Check the spelling of `url` in hub.yaml, and that this machine can resolve names.',
      cause,
    });
  });
  if (found.length === 0) throw new ConnectorError('transient', `the name ${name} has no address`);
  if (found.some((ip) => isPublicAddress(ip) !== true))
    refuse(url, 'its name stands for a private, loopback or otherwise internal address');
}

/** Workers have no lookup(), and cannot reach private addresses: there the name servers' answer must do. */
const systemLookup: Lookup = async (hostname) => {
  const dns = await import('node:dns/promises');
  if (globalThis.navigator?.userAgent !== 'Cloudflare-Workers')
    return (await dns.lookup(hostname, { all: true })).map(({ address }) => address);
  const answers = await Promise.allSettled([dns.resolve4(hostname), dns.resolve6(hostname)]);
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (found.length === 0) throw answers.find((answer) => answer.status === 'rejected')?.reason;
  return found;
};

const LONGEST_REDIRECT = 3;

/**
 * A fetch that calls `refusePrivate` first, and again for every redirect. Only 307 and 308 are followed, since
 * they keep method and body; any other redirect comes back as the answer. None leads from https to http.
 */
export function publicOnly(
  inner: typeof fetch,
  options: { lookup?: Lookup } = {},
): (address: string, init?: RequestInit) => Promise<Response> {
  return async (address, init) => {
    let url = new URL(address);
    for (let hops = 0; ; hops += 1) {
      await refusePrivate(url, options);
      const response = await inner(url.href, { ...init, redirect: 'manual' });
      const target = response.headers.get('location');
      if ((response.status !== 307 && response.status !== 308) || target === null) return response;
      if (hops === LONGEST_REDIRECT)
        throw new ConnectorError('rejected', `${url.origin} redirects more than ${LONGEST_REDIRECT} times`);
      const next = new URL(target, url);
      if (url.protocol === 'https:' && next.protocol === 'http:')
        throw new ConnectorError('rejected', `${url.origin} redirects to an address without https`, {
          hint: 'Whoever listens on the way could read it there. Ask the receiver for an https address.',
        });
      url = next;
    }
  };
}
