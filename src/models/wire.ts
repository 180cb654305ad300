import type { Duplex } from 'node:stream';
import { needsRoute } from './proxies';
import type * as Route from './route';
import { DEFAULT_PATIENCE, watched, type Fetch, type Patience } from './watched';

/** How requests travel. */
export interface Wire {
  patience?: Patience | undefined;
  /**
   * The environment whose proxy and certificates are to be gone by. Left out in the editor, which puts its own (and the
   * environment's) under the fetch of its extensions.
   */
  env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** A connection to an address for a URL by the environment's proxy, as `connectBy` in route.ts; loaded when it is needed. */
export async function connectionBy(
  env: Readonly<Record<string, string | undefined>>,
  url: URL,
  address: string,
  signal: AbortSignal,
  ca?: readonly string[],
): Promise<Duplex | undefined> {
  if (!needsRoute(env)) return undefined;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- as below
  const { connectBy } = require('./route') as typeof Route;
  return connectBy(env, url, address, signal, ca);
}

/** The fetch of a client. */
export function fetchOf({ patience = DEFAULT_PATIENCE, env }: Wire = {}): Fetch {
  // Looked up with each request: the editor may put its own in place later.
  const runtimes: Fetch = (input, init) => fetch(input, init);
  if (!env || !needsRoute(env)) return watched(runtimes, patience);
  let route: Promise<Fetch> | undefined;
  const byRoute: Fetch = async (input, init) => {
    if (!route) {
      // Loaded with the first request that needs it. A require, since TypeScript's loader in tests resolves no import().
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
      const { createRoute } = require('./route') as typeof Route;
      route = createRoute(env);
    }
    // A file that could not be read may be there the next time.
    route.catch(() => (route = undefined));
    return (await route)(input, init);
  };
  return watched(byRoute, patience);
}
