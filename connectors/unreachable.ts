/**
 * What a failed fetch means. Node's fetch says "fetch failed" and hides the reason in `cause`; Workers say it
 * in the message. Here the reason becomes a sentence, and two facts that decide what may follow.
 */

export interface Unreachable {
  message: string;
  hint: string | undefined;
  /** No connection was ever made, so the tool cannot have acted on the call. */
  neverSent: boolean;
  /** A second try a moment later will hardly differ (a name that does not exist, a certificate). */
  lasting: boolean;
}

const NO_NAME = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME']);
const NO_ROUTE = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const UNTRUSTED = /^(CERT_|ERR_TLS_CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET|VERIFY)_|HOSTNAME_MISMATCH)/;

/** The error, its causes, and (where several addresses were tried) its parts. */
function chain(error: unknown, depth = 0): object[] {
  if (depth > 5 || typeof error !== 'object' || error === null) return [];
  const { cause, errors } = error as { cause?: unknown; errors?: unknown };
  const parts = Array.isArray(errors) ? errors : [];
  return [error, ...[cause, ...parts].flatMap((inner) => chain(inner, depth + 1))];
}

/** The deepest message: that is where fetch puts the reason. */
function reasonOf(error: unknown): string {
  let current = error;
  for (let depth = 0; depth < 5; depth += 1) {
    const cause = current instanceof Error ? current.cause : undefined;
    if (!(cause instanceof Error) || cause.message === '') break;
    current = cause;
  }
  return current instanceof Error ? current.message.trim().split('\n')[0]! : String(current);
}

/** Classes an error that `fetch` (or reading its body) threw for this address. */
export function explainFailure(error: unknown, address: URL): Unreachable {
  const links = chain(error) as { code?: unknown; syscall?: unknown }[];
  const code = links.map((link) => link.code).find((found) => typeof found === 'string') ?? '';
  const connecting = links.some((link) => link.syscall === 'connect') || code === 'UND_ERR_CONNECT_TIMEOUT';
  const place = address.port === '' ? `${address.hostname}:${defaultPort(address)}` : address.host;
  if (code === 'ECONNREFUSED')
    return {
      message: `nothing listens at ${place}`,
      hint: `Is ${address.origin} right, and is the tool running there?`,
      neverSent: true,
      lasting: false,
    };
  if (NO_NAME.has(code))
    return {
      message: `the name ${address.hostname} cannot be found (${code})`,
      hint: `Check the spelling of ${address.origin} in hub.yaml, and that this machine can resolve names.`,
      neverSent: true,
      lasting: code !== 'EAI_AGAIN',
    };
  if (NO_ROUTE.has(code) && connecting)
    return {
      message: `no connection to ${place} could be made (${code})`,
      hint: 'Check the network, and any firewall or proxy between this machine and the tool.',
      neverSent: true,
      lasting: false,
    };
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return {
      message: `${place} does not speak TLS (${code})`,
      hint: 'Should the address begin with http:// instead of https://?',
      neverSent: true,
      lasting: true,
    };
  if (UNTRUSTED.test(code))
    return {
      message: `the certificate of ${place} is not trusted (${code})`,
      hint: "For a company's own certificate authority set NODE_EXTRA_CA_CERTS to its file.",
      neverSent: true,
      lasting: true,
    };
  const reason = reasonOf(error);
  if (/^(bad port|unknown scheme|Invalid URL)/.test(reason))
    return {
      message: `${address.origin} is not an address that can be called (${reason})`,
      hint: 'Correct the address in hub.yaml.',
      neverSent: true,
      lasting: true,
    };
  return {
    message: `the connection to ${place} broke (${code === '' ? reason : code})`,
    hint: undefined,
    neverSent: false,
    lasting: false,
  };
}

const defaultPort = (address: URL) => (address.protocol === 'https:' ? '443' : '80');

/**
 * An address that may be shown and logged: without query, credentials or e-mail addresses in the path (tools
 * let records be named by e-mail).
 */
export function shownAddress(address: URL): string {
  const path = address.pathname
    .split('/')
    .map((part) => (/@|%40/i.test(part) ? '…' : part))
    .join('/');
  return `${address.origin}${path}`;
}
