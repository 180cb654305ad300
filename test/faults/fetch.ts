import type { ProxyOptions } from '../support/connect-proxy';
import type { FaultRow } from './row';

/** A page that is fetched where the environment names a proxy. */
export interface FetchFault {
  id: string;
  fails: string;
  url: string;
  /** What this machine takes the name for; none: it does not resolve. */
  address?: string;
  proxy?: Omit<ProxyOptions, 'port'>;
  env?: Record<string, string>;
  /** What the proxy is asked for, where it is. */
  asks?: string;
  /** What the model is told instead of the page. */
  says?: string;
}

const PUBLIC = '93.184.216.34';

export const FETCH_FAULTS: readonly FetchFault[] = [
  {
    id: 'fetch-proxy',
    fails: 'A page is reached only by a proxy',
    url: 'https://model.test/page',
    address: PUBLIC,
    asks: `CONNECT ${PUBLIC}:443`,
  },
  {
    id: 'fetch-proxy-http',
    fails: 'A page without TLS is reached only by a proxy',
    url: 'http://model.test/page',
    address: PUBLIC,
    asks: `CONNECT ${PUBLIC}:80`,
  },
  {
    id: 'fetch-proxy-private',
    fails: 'The name of a page leads into the private network, and there is a proxy',
    url: 'https://model.test/page',
    address: '10.0.0.7',
    says: 'is not on the public internet',
  },
  {
    id: 'fetch-proxy-literal',
    fails: "A page is asked for by the address of a cloud's metadata service, and there is a proxy",
    url: 'http://169.254.169.254/latest/meta-data/',
    says: 'is not on the public internet',
  },
  {
    id: 'fetch-proxy-unknown',
    fails: 'Only the proxy could resolve the name of a page',
    url: 'https://model.test/page',
    says: 'could not be reached: getaddrinfo ENOTFOUND',
  },
  {
    id: 'fetch-proxy-refuses',
    fails: 'The proxy opens no way to the address of a page',
    url: 'https://model.test/page',
    address: PUBLIC,
    proxy: { does: 403 },
    asks: `CONNECT ${PUBLIC}:443`,
    says: 'opens no way to the server (403)',
  },
  {
    id: 'fetch-proxy-name',
    fails: 'Behind the proxy another server answers for a page',
    url: 'https://other.test/page',
    address: PUBLIC,
    asks: `CONNECT ${PUBLIC}:443`,
    says: 'other.test could not be reached',
  },
];

/** A search where the environment names a proxy; the tunnel hides the key from the proxy. */
export interface SearchFault {
  id: string;
  service: 'brave' | 'tavily';
  fails: string;
  endpoint: string;
  proxy?: Omit<ProxyOptions, 'port'>;
  asks: string;
  says?: string;
}

const BRAVE = { service: 'brave', endpoint: 'https://model.test/res/v1/web/search' } as const;
const TAVILY = { service: 'tavily', endpoint: 'https://model.test/search' } as const;

export const SEARCH_FAULTS: readonly SearchFault[] = [
  { ...BRAVE, id: 'search-brave', fails: 'Brave Search is reached only by a proxy', asks: 'CONNECT model.test:443' },
  { ...TAVILY, id: 'search-tavily', fails: 'Tavily is reached only by a proxy', asks: 'CONNECT model.test:443' },
  {
    ...BRAVE,
    id: 'search-brave-407',
    fails: 'The proxy before Brave Search wants a name and a password',
    proxy: { credentials: 'ada:other' },
    asks: 'CONNECT model.test:443',
    says: 'wants a name and a password (407)',
  },
  {
    ...TAVILY,
    id: 'search-tavily-403',
    fails: 'The proxy opens no way to Tavily',
    proxy: { does: 403 },
    asks: 'CONNECT model.test:443',
    says: 'opens no way to the server (403)',
  },
  {
    ...BRAVE,
    id: 'search-brave-name',
    fails: 'Behind the proxy another server answers for Brave Search',
    endpoint: 'https://api.search.brave.com/res/v1/web/search',
    asks: 'CONNECT api.search.brave.com:443',
    says: 'could not be reached',
  },
  {
    ...TAVILY,
    id: 'search-tavily-name',
    fails: 'Behind the proxy another server answers for Tavily',
    endpoint: 'https://api.tavily.com/search',
    asks: 'CONNECT api.tavily.com:443',
    says: 'could not be reached',
  },
];

export function describeSearchFault({ id, fails, says }: SearchFault): FaultRow {
  return {
    id,
    part: 'Searches by a proxy',
    fails,
    happens: says === undefined ? 'It is searched through a tunnel of the proxy.' : 'The call fails; the run goes on.',
    sees: says === undefined ? 'The results.' : `“${says}”`,
    kept: 'All. The key is sent to no one else.',
  };
}

export function describeFetchFault({ id, fails, asks, says }: FetchFault): FaultRow {
  const asked = asks === undefined ? 'The proxy is not asked.' : 'The proxy is asked for the address that was judged.';
  return {
    id,
    part: 'Pages by a proxy',
    fails,
    happens: `${asked} ${says === undefined ? 'The page is read.' : 'The call fails; the run goes on.'}`,
    sees: says === undefined ? 'The page.' : `“${says}”`,
    kept: 'All.',
  };
}
