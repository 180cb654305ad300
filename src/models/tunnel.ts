import { request as requestHttp, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { ModelError } from '../agent/model';

const TUNNEL_MS = 60_000;

/** Speaks TLS to the server through a tunnel that the proxy opens; connections are kept as those of any agent. */
export class TunnelAgent extends HttpsAgent {
  constructor(
    private readonly proxy: URL,
    private readonly tls: ConnectionOptions,
  ) {
    super({ keepAlive: true });
  }

  override createConnection(
    options: RequestOptions & { servername?: string },
    done?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const host = options.host ?? options.hostname ?? '';
    const name = options.servername ?? host;
    const failed = (error: Error): void => done?.(error, undefined as unknown as Socket);
    openTunnel(this.proxy, { host, port: Number(options.port ?? 443) }, this.tls, options.signal)
      .then((socket) => secured(socket, { ...this.tls, host }, name))
      .then((secure) => done?.(null, secure), failed);
    return undefined;
  }
}

/** TLS over a connection that is there. */
export function secured(socket: Duplex, tls: ConnectionOptions, name: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = connectTls({ ...tls, socket, ...(name === '' ? {} : { servername: name }) });
    secure.once('error', reject);
    secure.once('secureConnect', () => {
      secure.removeListener('error', reject);
      resolve(secure);
    });
  });
}

/** A connection to a host through a proxy. Throws ModelError where the proxy opens none. */
export function openTunnel(
  proxy: URL,
  { host, port }: { host: string; port: number },
  tls: ConnectionOptions,
  signal?: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const at = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const request = toProxy(proxy, {
      method: 'CONNECT',
      path: at,
      headers: { host: at, ...signed(proxy) },
      ...(signal ? { signal } : {}),
      ...unrouted(proxy, tls),
    });
    request.once('connect', (response: IncomingMessage, socket: Socket) => {
      socket.setTimeout(0);
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(proxyRefusal(proxy, response.statusCode ?? 0));
    });
    // A proxy that answers with a page instead of a tunnel.
    request.once('response', (response) => {
      response.destroy();
      reject(proxyRefusal(proxy, response.statusCode ?? 0));
    });
    // Whoever asked may have given up long ago, and nobody would end this.
    request.setTimeout(TUNNEL_MS, () => request.destroy(new Error(`no answer for ${TUNNEL_MS / 1_000} s`)));
    request.once('error', (error) => reject(unreachable(proxy, error)));
    request.end();
  });
}

/**
 * In VS Code's extension host a request goes by the proxy of its settings, one to that proxy itself too. One over a socket
 * that is there is left alone, and a path of it is how that is told.
 */
export function overSocket(createConnection: () => Duplex): RequestOptions {
  return { createConnection, socketPath: 'a connection of our own' };
}

function unrouted({ protocol, hostname, port }: URL, tls: ConnectionOptions): RequestOptions {
  const host = bareHost(hostname);
  const at = { host, port: Number(port || (protocol === 'https:' ? 443 : 80)) };
  return overSocket(() =>
    protocol === 'https:'
      ? connectTls({ ...tls, ...at, ...(isIP(host) === 0 ? { servername: host } : {}) })
      : connect(at),
  );
}

function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/gu, '');
}

export function toProxy(proxy: URL, options: RequestOptions): ClientRequest {
  const { protocol, hostname, port } = proxy;
  const host = bareHost(hostname);
  // Not the URL as it is: what stands in it as name and password would go to the server too.
  return (protocol === 'https:' ? requestHttps : requestHttp)({
    ...options,
    protocol,
    host,
    ...(port ? { port } : {}),
  });
}

export function signed({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (username === '' && password === '') return {};
  const pair = `${plain(username)}:${plain(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

function plain(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded; // A lone percent sign of a password that was not encoded.
  }
}

/** Host and port alone: the rest of a proxy's URL may hold a password. */
export function proxyRefusal({ host }: URL, status: number): ModelError {
  if (status === 407)
    return new ModelError(
      `The proxy ${host} wants a name and a password (407). Give them in HTTPS_PROXY, as in http://name:password@${host}.`,
      { code: 'offline' },
    );
  const isBusy = status === 429 || status >= 500;
  return new ModelError(`The proxy ${host} opens no way to the server (${status}). Check HTTPS_PROXY and NO_PROXY.`, {
    code: 'offline',
    ...(isBusy ? { retryAfterMs: 0 } : {}),
  });
}

export function unreachable({ host }: URL, error: NodeJS.ErrnoException): ModelError {
  return new ModelError(
    `The proxy ${host} could not be reached: ${error.message}. Check HTTPS_PROXY, or name the server in NO_PROXY.`,
    { code: 'offline', retryAfterMs: 0, cause: error },
  );
}
