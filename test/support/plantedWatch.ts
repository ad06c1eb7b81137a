/** Runs before every test file: what hubs under test answer as errors and as metrics is kept for the search of planted data. */
import { keepOutput } from './planted.ts';

const watched = globalThis as { fetch: typeof fetch & { watched?: true } };

// Files that share a process share its globals.
if (process.env.NAYOSE_TEST_OUTPUT && !watched.fetch.watched) {
  const real = globalThis.fetch;
  const watching: typeof fetch = async (input, init) => {
    const response = await real(input, init);
    const type = response.headers.get('content-type') ?? '';
    // Only hubs answer so; the sandboxes have forms of their own.
    if (/^application\/problem\+json|^text\/plain; version=/.test(type)) {
      const path = new URL(response.url).pathname.split('/').slice(0, 3).join('/');
      keepOutput(`answer ${response.status} to ${path}`, await response.clone().text());
    }
    return response;
  };
  watched.fetch = Object.assign(watching, { watched: true as const });
}
