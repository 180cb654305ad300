import { request as requestHttp, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { ModelError } from '../agent/model';

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
    const at = `${host.includes(':') ? `[${host}]` : host}:${options.port ?? 443}`;
    const failed = (error: Error): void => done?.(error, undefined as unknown as Socket);
    const request = toProxy(this.proxy, {
      method: 'CONNECT',
      path: at,
      agent: false,
      headers: { host: at, ...signed(this.proxy) },
      ...(options.signal ? { signal: options.signal } : {}),
      ...this.tls,
    });
    request.once('connect', (response: IncomingMessage, socket: Socket) => {
      if (response.statusCode === 200) {
        const name = options.servername ?? host;
        const secure = connectTls({ ...this.tls, socket, host, ...(name === '' ? {} : { servername: name }) });
        secure.once('error', failed);
        secure.once('secureConnect', () => {
          secure.removeListener('error', failed);
          done?.(null, secure);
        });
        return;
      }
      socket.destroy();
      failed(proxyRefusal(this.proxy, response.statusCode ?? 0));
    });
    // A proxy that answers with a page instead of a tunnel.
    request.once('response', (response) => {
      response.destroy();
      failed(proxyRefusal(this.proxy, response.statusCode ?? 0));
    });
    request.once('error', (error) => failed(unreachable(this.proxy, error)));
    request.end();
    return undefined;
  }
}

export function toProxy(proxy: URL, options: RequestOptions): ClientRequest {
  const { protocol, hostname, port } = proxy;
  const host = hostname.replace(/^\[|\]$/gu, '');
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
