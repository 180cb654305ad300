import { readFile } from 'node:fs/promises';
import {
  Agent as HttpAgent,
  request as requestHttp,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { Readable, type Duplex } from 'node:stream';
import { rootCertificates, type ConnectionOptions } from 'node:tls';
import { ModelError } from '../agent/model';
import { proxyFor, UnusableProxy, variable } from './proxies';
import { openTunnel, proxyRefusal, secured, signed, toProxy, TunnelAgent, unreachable } from './tunnel';
import type { Fetch } from './watched';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A fetch that goes by the proxy and the certificates that the environment names. As much of fetch as the SDK uses:
 * a text as the body, headers, a signal; redirects are handed back and not followed.
 */
export async function createRoute(env: Environment): Promise<Fetch> {
  const ca = await certificates(env);
  const tls: ConnectionOptions = ca ? { ca } : {};
  const straight = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true, ...tls }) };
  const tunnels = new Map<string, HttpsAgent>();
  const tunnelBy = (proxy: URL): HttpsAgent => {
    const known = tunnels.get(proxy.href) ?? new TunnelAgent(proxy, tls);
    tunnels.set(proxy.href, known);
    return known;
  };
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const proxy = usableProxy(url, env);
    const headers = Object.fromEntries(new Headers(init.headers));
    const options: RequestOptions = {
      method: init.method ?? 'GET',
      headers: { ...headers, 'accept-encoding': 'identity' },
    };
    const how = { body: init.body, signal: init.signal ?? undefined };
    if (url.protocol === 'https:')
      return ask(requestHttps(url, { ...options, agent: proxy ? tunnelBy(proxy) : straight.https }), how);
    if (!proxy) return ask(requestHttp(url, { ...options, agent: straight.http }), how);
    const absolute = { ...options, path: url.href, headers: { ...options.headers, host: url.host, ...signed(proxy) } };
    return ask(toProxy(proxy, { ...absolute, ...tls }), { ...how, proxy });
  };
}

/**
 * A connection to one address for a URL through the proxy that the environment names for it, with TLS where the URL has it;
 * `undefined` where it names none. `known`: the certificates to go by, in the place of the environment's.
 */
export async function connectBy(
  env: Environment,
  url: URL,
  address: string,
  signal: AbortSignal,
  known?: readonly string[],
): Promise<Duplex | undefined> {
  const proxy = usableProxy(url, env);
  if (!proxy) return undefined;
  const ca = known ?? (await certificates(env));
  const tls: ConnectionOptions = ca ? { ca: [...ca] } : {};
  const isSecure = url.protocol === 'https:';
  const port = Number(url.port || (isSecure ? 443 : 80));
  const socket = await openTunnel(proxy, { host: address, port }, tls, signal);
  if (!isSecure) return socket;
  const host = url.hostname.replace(/^\[|\]$/gu, '');
  return secured(socket, { ...tls, host }, isIP(host) === 0 ? host : '');
}

interface Asking {
  body: RequestInit['body'] | undefined;
  signal: AbortSignal | undefined;
  /** Who gets the request, where that is not the server. */
  proxy?: URL;
}

/** Sends the body and gives the answer. */
function ask(request: ClientRequest, { body, signal, proxy }: Asking): Promise<Response> {
  return new Promise((resolve, reject) => {
    // Not the request's own `signal`: that is not heard while its tunnel is being opened.
    const stop = (): void => {
      const reason = signal?.reason as Error;
      reject(reason);
      request.destroy(reason);
    };
    if (signal?.aborted) return stop();
    signal?.addEventListener('abort', stop, { once: true });
    request.once('close', () => signal?.removeEventListener('abort', stop));
    request.on('error', (error: NodeJS.ErrnoException) => {
      const isOfProxy = proxy && (error.syscall === 'connect' || error.syscall === 'getaddrinfo');
      reject(isOfProxy ? unreachable(proxy, error) : error);
    });
    request.once('response', (response) => {
      if (proxy && response.statusCode === 407) {
        response.destroy();
        return reject(proxyRefusal(proxy, 407));
      }
      resolve(answerOf(response));
    });
    request.end(typeof body === 'string' ? body : undefined);
  });
}

const WITHOUT_BODY = new Set([101, 204, 205, 304]);

function answerOf(response: IncomingMessage): Response {
  const status = response.statusCode ?? 0;
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers))
    for (const one of [value ?? []].flat()) headers.append(name, one);
  const isEmpty = WITHOUT_BODY.has(status);
  if (isEmpty) response.resume();
  const body = isEmpty ? null : (Readable.toWeb(response) as ReadableStream<Uint8Array>);
  return new Response(body, { status, headers });
}

function usableProxy(url: URL, env: Environment): URL | undefined {
  try {
    return proxyFor(url, env);
  } catch (error) {
    if (!(error instanceof UnusableProxy)) throw error;
    throw new ModelError(`${error.message} Look at HTTPS_PROXY and HTTP_PROXY.`, { code: 'offline' });
  }
}

/** With `ca` given, the runtime leaves out its own and those of NODE_EXTRA_CA_CERTS, so all are put together here. */
async function certificates(env: Environment): Promise<string[] | undefined> {
  const named = variable(env, 'ssl_cert_file');
  if (!named) return undefined;
  const extra = variable(env, 'node_extra_ca_certs');
  const files = await Promise.all([
    read('SSL_CERT_FILE', named),
    // The runtime itself only warns of one that it cannot read.
    ...(extra ? [read('NODE_EXTRA_CA_CERTS', extra).catch(() => '')] : []),
  ]);
  return [...rootCertificates, ...files];
}

async function read(name: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: Error) => {
    throw new ModelError(`The certificates in ${name} could not be read: ${error.message}.`, { code: 'offline' });
  });
}
