import type { FailureCode, RunEnd } from '../../src/agent/events';
import { MAX_RETRIES } from '../../src/agent/retry';
import type { ProxyOptions } from '../support/connect-proxy';
import { describeFault } from './api';
import type { FaultRow } from './row';

export interface WireFault {
  id: string;
  fails: string;
  /** The proxy's ways, by request to it; the last counts for all that follow. */
  proxy: Omit<ProxyOptions, 'port'>[];
  /** Variables; `PROXY` in them stands for the proxy's host and port, `CA` for the file of the test's authority. */
  env: Record<string, string>;
  /** Where the model is; by default where the certificate says. */
  endpoint?: string;
  patienceMs?: number;
  end: RunEnd['reason'];
  code?: FailureCode;
  retries?: number;
  says?: string;
  /** What the proxy is asked for first. */
  asks?: string;
}

const CA = { SSL_CERT_FILE: 'CA' };
const VIA = { HTTPS_PROXY: 'http://PROXY', ...CA };
const TUNNEL = 'CONNECT model.test:443';
const atOnce = { end: 'failed', code: 'offline' } as const;

export const WIRE_FAULTS: readonly WireFault[] = [
  {
    id: 'proxy',
    fails: 'The server is reached only by the proxy in HTTPS_PROXY',
    proxy: [{}],
    env: VIA,
    end: 'done',
    asks: TUNNEL,
  },
  {
    id: 'proxy-small',
    fails: 'The variable is written https_proxy, without a scheme',
    proxy: [{}],
    env: { https_proxy: 'PROXY', ...CA },
    end: 'done',
    asks: TUNNEL,
  },
  {
    id: 'proxy-all',
    fails: 'Only ALL_PROXY is set',
    proxy: [{}],
    env: { ALL_PROXY: 'http://PROXY', ...CA },
    end: 'done',
    asks: TUNNEL,
  },
  {
    id: 'proxy-http',
    fails: 'An http endpoint is reached only by HTTP_PROXY',
    proxy: [{}],
    env: { HTTP_PROXY: 'http://PROXY' },
    endpoint: 'http://plain.test',
    end: 'done',
    asks: 'POST http://plain.test/v1/messages',
  },
  {
    id: 'proxy-http-credentials',
    fails: 'HTTP_PROXY wants a name and a password',
    proxy: [{ credentials: 'ada:p@ss' }],
    env: { HTTP_PROXY: 'http://ada:p%40ss@PROXY' },
    endpoint: 'http://plain.test',
    end: 'done',
  },
  {
    id: 'proxy-credentials',
    fails: 'The proxy wants a name and a password, and the URL has them',
    proxy: [{ credentials: 'ada:p@ss' }],
    env: { HTTPS_PROXY: 'http://ada:p%40ss@PROXY', ...CA },
    end: 'done',
    asks: TUNNEL,
  },
  {
    id: 'proxy-407',
    fails: 'The proxy wants a name and a password, and there are none',
    proxy: [{ credentials: 'ada:p@ss' }],
    env: VIA,
    ...atOnce,
    says: 'wants a name and a password (407)',
  },
  {
    id: 'proxy-wrong',
    fails: 'The proxy does not take the password',
    proxy: [{ credentials: 'ada:other' }],
    env: { HTTPS_PROXY: 'http://ada:p%40ss@PROXY', ...CA },
    ...atOnce,
    says: 'wants a name and a password (407)',
  },
  {
    id: 'proxy-http-407',
    fails: 'HTTP_PROXY does not take the password',
    proxy: [{ credentials: 'ada:other' }],
    env: { HTTP_PROXY: 'http://ada:p%40ss@PROXY' },
    endpoint: 'http://plain.test',
    ...atOnce,
    says: 'wants a name and a password (407)',
  },
  {
    id: 'proxy-403',
    fails: 'The proxy refuses the host',
    proxy: [{ does: 403 }],
    env: VIA,
    ...atOnce,
    says: 'opens no way to the server (403)',
  },
  {
    id: 'proxy-502',
    fails: 'The proxy does not reach the server at first',
    proxy: [{ does: 502 }, {}],
    env: VIA,
    end: 'done',
    retries: 1,
    says: 'opens no way to the server (502)',
  },
  {
    id: 'proxy-hangs',
    fails: 'The proxy takes the request and hangs',
    proxy: [{ does: 'hang' }, {}],
    env: VIA,
    patienceMs: 500,
    end: 'done',
    retries: 1,
    says: 'has sent nothing for 0.5 s',
  },
  {
    id: 'proxy-closes',
    fails: 'The proxy hangs up',
    proxy: [{ does: 'close' }, {}],
    env: VIA,
    end: 'done',
    retries: 1,
    says: 'could not be reached',
  },
  {
    id: 'proxy-page',
    fails: 'The proxy answers with a page instead of a tunnel',
    proxy: [{ does: 'page' }, {}],
    env: VIA,
    end: 'done',
    retries: 1,
    says: 'could not be reached',
  },
  {
    id: 'proxy-gone',
    fails: 'No proxy where HTTPS_PROXY says',
    proxy: [],
    env: { HTTPS_PROXY: 'http://127.0.0.1:1', ...CA },
    end: 'failed',
    code: 'offline',
    retries: MAX_RETRIES,
    says: 'The proxy 127.0.0.1:1 could not be reached',
  },
  {
    id: 'proxy-nonsense',
    fails: 'HTTPS_PROXY is no URL',
    proxy: [],
    env: { HTTPS_PROXY: 'http://[secret-thing', ...CA },
    ...atOnce,
    says: 'is not a URL',
  },
  {
    id: 'proxy-socks',
    fails: 'HTTPS_PROXY names a SOCKS proxy',
    proxy: [],
    env: { HTTPS_PROXY: 'socks5://PROXY', ...CA },
    ...atOnce,
    says: 'socks5 are not supported',
  },
  {
    id: 'no-proxy',
    fails: 'NO_PROXY names the server, which then does not resolve',
    proxy: [],
    env: { ...VIA, NO_PROXY: 'example.org, .test' },
    end: 'failed',
    code: 'offline',
    retries: MAX_RETRIES,
    says: 'https://model.test could not be reached',
  },
  {
    id: 'ca-none',
    fails: 'A proxy that opens TLS, and its certificate is not known',
    proxy: [{}],
    env: { HTTPS_PROXY: 'http://PROXY' },
    ...atOnce,
    says: 'name its certificate in NODE_EXTRA_CA_CERTS',
    asks: TUNNEL,
  },
  {
    id: 'ca-gone',
    fails: 'SSL_CERT_FILE names no file',
    proxy: [],
    env: { ...VIA, SSL_CERT_FILE: '/nowhere/ca.pem' },
    ...atOnce,
    says: 'SSL_CERT_FILE could not be read',
  },
  {
    id: 'ca-name',
    fails: 'A certificate for another host',
    proxy: [{}],
    env: VIA,
    endpoint: 'https://other.test',
    ...atOnce,
    says: 'could not be trusted',
  },
];

const PART = 'Proxies and certificates';

export function describeWireFault({ id, fails, end, code, retries, says }: WireFault): FaultRow {
  return describeFault({
    ...{ id, part: PART, fails, end, shown: end === 'done' ? 'Done.' : '' },
    ...(code === undefined ? {} : { code }),
    ...(retries === undefined ? {} : { retries }),
    ...(says === undefined ? {} : { says }),
  });
}
