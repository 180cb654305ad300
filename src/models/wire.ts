import { needsRoute } from './proxies';
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

/** The fetch of a client. What goes by a proxy is loaded with the first request that needs it. */
export function fetchOf({ patience = DEFAULT_PATIENCE, env }: Wire = {}): Fetch {
  // Looked up with each request: the editor may put its own in place later.
  const runtimes: Fetch = (input, init) => fetch(input, init);
  if (!env || !needsRoute(env)) return watched(runtimes, patience);
  let route: Promise<Fetch> | undefined;
  const byRoute: Fetch = async (input, init) => {
    route ??= import('./route').then(({ createRoute }) => createRoute(env));
    // A file that could not be read may be there the next time.
    route.catch(() => (route = undefined));
    return (await route)(input, init);
  };
  return watched(byRoute, patience);
}
