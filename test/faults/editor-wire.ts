import type { FailureCode, RunEnd } from '../../src/agent/events';
import { MAX_RETRIES } from '../../src/agent/retry';
import { describeFault } from './api';
import type { FaultRow } from './row';

/** A way to the model that VS Code's settings or its environment name. */
export interface EditorWireFault {
  id: string;
  fails: string;
  /** Of `http.*`; `PROXY` in them stands for the proxy's host and port. */
  settings: Record<string, unknown>;
  /** The model's server; by default the one whose certificate the system's authority vouches for. */
  endpoint?: string;
  /** `name:password` that the proxy wants. */
  credentials?: string;
  /** What the proxy does with a request, if not its work. */
  does?: number;
  end: RunEnd['reason'];
  code?: FailureCode;
  retries?: number;
  says?: string;
  /** What the proxy is asked for first; nothing: it is not asked. */
  asks?: string;
}

const VIA = { proxy: 'http://PROXY' };
const TUNNEL = 'CONNECT model.test:443';
const atOnce = { end: 'failed', code: 'offline' } as const;
const atLast = { ...atOnce, retries: MAX_RETRIES } as const;

export const EDITOR_WIRE_FAULTS: readonly EditorWireFault[] = [
  {
    id: 'editor-proxy',
    fails: 'In VS Code the server is reached only by the proxy of http.proxy, and the system knows its authority',
    settings: VIA,
    end: 'done',
    asks: TUNNEL,
  },
  {
    id: 'editor-proxy-env',
    fails: 'In VS Code only the environment names the proxy, in HTTPS_PROXY',
    settings: {},
    end: 'done',
    asks: TUNNEL,
  },
  {
    id: 'editor-proxy-password',
    fails: 'The proxy wants a name and a password, and http.proxy has them',
    settings: { proxy: 'http://ada:p%40ss@PROXY' },
    credentials: 'ada:p@ss',
    end: 'done',
    asks: TUNNEL,
  },
  {
    id: 'editor-proxy-407',
    fails: 'The proxy wants a name and a password, and http.proxy has none',
    settings: VIA,
    credentials: 'ada:p@ss',
    ...atOnce,
    says: 'wants a name and a password (407)',
    asks: TUNNEL,
  },
  {
    id: 'editor-proxy-403',
    fails: 'The proxy of http.proxy refuses the host',
    settings: VIA,
    does: 403,
    ...atOnce,
    says: 'opens no way to the server (403)',
    asks: TUNNEL,
  },
  {
    id: 'editor-proxy-gone',
    fails: 'No proxy where http.proxy says',
    settings: { proxy: 'http://127.0.0.1:1' },
    ...atLast,
    says: '127.0.0.1:1',
  },
  {
    id: 'editor-no-proxy',
    fails: 'http.noProxy names the server, which then does not resolve',
    settings: { ...VIA, noProxy: ['model.test'] },
    ...atLast,
    says: 'could not be reached',
  },
  {
    id: 'editor-no-proxy-env',
    fails: 'NO_PROXY names the server, in the editor’s environment',
    settings: VIA,
    endpoint: 'https://direct.test',
    ...atLast,
    says: 'could not be reached',
  },
  {
    id: 'editor-proxy-off',
    fails: 'http.proxySupport is off, and http.proxy is set',
    settings: { ...VIA, proxySupport: 'off' },
    ...atLast,
    says: 'could not be reached',
  },
  {
    id: 'editor-self-signed',
    fails: 'In VS Code the server signed its certificate itself',
    settings: VIA,
    endpoint: 'https://self.test',
    ...atOnce,
    says: 'could not be trusted',
    asks: 'CONNECT self.test:443',
  },
  {
    id: 'editor-lax',
    fails: 'The server signed its certificate itself, and http.proxyStrictSSL is off',
    settings: { ...VIA, proxyStrictSSL: false },
    endpoint: 'https://self.test',
    ...atOnce,
    says: 'could not be trusted',
    asks: 'CONNECT self.test:443',
  },
  {
    id: 'editor-other-name',
    fails: 'In VS Code the certificate is for another host',
    settings: VIA,
    endpoint: 'https://other.test',
    ...atOnce,
    says: 'could not be trusted',
    asks: 'CONNECT other.test:443',
  },
  {
    id: 'editor-own-authority',
    fails: 'Only the system knows the authority, and http.systemCertificates is off',
    settings: { ...VIA, systemCertificates: false },
    ...atOnce,
    says: 'Behind a proxy that opens TLS',
    asks: TUNNEL,
  },
];

export function describeEditorWireFault({ id, fails, end, code, retries, says }: EditorWireFault): FaultRow {
  return describeFault({
    ...{ id, part: 'Proxies and certificates in VS Code', fails, end, shown: end === 'done' ? 'Done.' : '' },
    ...(code === undefined ? {} : { code }),
    ...(retries === undefined ? {} : { retries }),
    ...(says === undefined ? {} : { says }),
  });
}

/** Pages, in VS Code's extension host. */
export const EDITOR_PAGE_FAULTS: readonly FaultRow[] = [
  {
    id: 'editor-page',
    part: 'Proxies and certificates in VS Code',
    fails: 'A page is reached only by http.proxy',
    happens: 'The proxy is asked for the address that was judged. The page is read.',
    sees: 'The page.',
    kept: 'All.',
  },
  {
    id: 'editor-page-private',
    part: 'Proxies and certificates in VS Code',
    fails: 'The name of a page leads into the private network, and there is an http.proxy',
    happens: 'The proxy is not asked. The call fails; the run goes on.',
    sees: '“is not on the public internet”',
    kept: 'All.',
  },
];
