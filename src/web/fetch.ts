import { lookup as lookUp } from 'node:dns/promises';
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { judgeUrl, refuseAddress } from './address';

export const MAX_BYTES = 10_000_000;
export const MAX_REDIRECTS = 5;
const TIMEOUT_MS = 30_000;

export interface Address {
  address: string;
  family: number;
}

export interface FetchOptions {
  /** Hosts that the user let through, as `host` or `host:port`: their addresses are not judged. */
  allowedHosts?: readonly string[];
  /** Every address of a name; the system's resolver by default. */
  resolve?: (host: string) => Promise<Address[]>;
  /** Connects to an address for a URL by a proxy, TLS included; gives `undefined` where none is to be used. */
  connect?: (url: URL, address: string, signal: AbortSignal) => Promise<Duplex | undefined>;
}

/** What came back, decompressed. */
export interface Fetched {
  /** After redirects within its host. */
  url: URL;
  status: number;
  /** The `content-type` header as it was sent. */
  contentType: string;
  bytes: Buffer;
}

const LET_THROUGH = ' The user can let a host through with the setting mlEngineer.web.allowedHosts.';

/** Why nothing came: for the model, with what to do next. */
export class FetchRefused extends Error {}

/**
 * Fetches a page from the public internet: at most 10 MB after decompression, in 30 s, over 5 redirects that stay with the
 * host. Every address a name has is judged, and the connection goes to one of those very addresses, so that a name which
 * changes between judgement and connection gains nothing. A redirect to another host is refused with its URL: that host
 * has to be asked for itself. A proxy is asked for the very address that was judged, never for the name: it would resolve
 * that by itself, to an address of its own network perhaps. So what this machine cannot resolve is not fetched.
 * Throws FetchRefused, and the signal's reason on abort.
 */
export async function fetchUrl(text: string, options: FetchOptions, signal: AbortSignal): Promise<Fetched> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  const stops = AbortSignal.any([signal, limit]);
  let url = urlOf(text, options);
  const first = url.host;
  try {
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const response = await respond(url, options, stops);
      const location = response.headers.location;
      if (!isRedirect(response.statusCode) || location === undefined) return await received(url, response);
      response.destroy();
      const next = urlOf(new URL(location, url).href, options);
      if (next.hostname !== url.hostname)
        throw new FetchRefused(
          `${url.host} redirects to another host. Fetch ${next.href} itself if that is what you want.`,
        );
      url = next;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) throw new FetchRefused(`${first} did not answer within ${TIMEOUT_MS / 1_000} s.`);
    if (error instanceof FetchRefused) throw error;
    throw new FetchRefused(`${url.host} could not be reached: ${(error as Error).message}`);
  }
  throw new FetchRefused(`${first} redirects more than ${MAX_REDIRECTS} times.`);
}

function urlOf(text: string, { allowedHosts = [] }: FetchOptions): URL {
  const judged = judgeUrl(text);
  if ('url' in judged) return judged.url;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = /^https?:$/u.test(url?.protocol ?? '') && url?.username === '' && url.password === '';
  if (url && isWeb && isAllowed(url, allowedHosts)) return url;
  throw new FetchRefused(`Not fetched: ${judged.refused}.${url && isWeb ? LET_THROUGH : ''}`);
}

function isAllowed({ hostname, host }: URL, allowed: readonly string[]): boolean {
  return allowed.map((name) => name.trim().toLowerCase()).some((name) => name === hostname || name === host);
}

function isRedirect(status: number | undefined): boolean {
  return status !== undefined && [301, 302, 303, 307, 308].includes(status);
}

async function respond(url: URL, options: FetchOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const connection = await byProxy(url, options, signal);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const how: RequestOptions = {
    // A connection of its own: one kept open was judged for another call.
    // The path of a socket keeps VS Code from putting an agent of its own in the place of the connection.
    ...(connection
      ? { createConnection: () => connection, socketPath: 'a connection of our own' }
      : { lookup: judgedLookup(url, options), agent: false }),
    signal,
    headers: { 'accept-encoding': 'gzip, deflate, br', 'user-agent': 'ml-engineer', accept: 'text/html, */*;q=0.8' },
  };
  return new Promise((resolve, reject) => request(url, how, resolve).once('error', reject).end());
}

/** A connection by the proxy to the first of the judged addresses. */
async function byProxy(url: URL, options: FetchOptions, signal: AbortSignal): Promise<Duplex | undefined> {
  if (!options.connect) return undefined;
  const host = url.hostname.replace(/^\[|\]$/gu, '');
  const address = isIP(host) === 0 ? await judgedAddress(url, host, options) : host;
  return options.connect(url, address, signal);
}

function judgedAddress(url: URL, host: string, options: FetchOptions): Promise<string> {
  return new Promise((resolve, reject) =>
    judgedLookup(url, options)(host, {}, (error, address) =>
      error ? reject(error) : resolve(typeof address === 'string' ? address : (address[0]?.address ?? '')),
    ),
  );
}

/** Resolves a name for the connection itself: refuses it when any of its addresses is refused. */
function judgedLookup(url: URL, { allowedHosts = [], resolve = everyAddress }: FetchOptions): LookupFunction {
  return (host, { all }, done) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        const refused = isAllowed(url, allowedHosts)
          ? undefined
          : addresses.map(({ address }) => refuseAddress(address)).find((reason) => reason !== undefined);
        if (refused !== undefined)
          done(new FetchRefused(`Not fetched: ${host} leads to ${refused}.${LET_THROUGH}`), '', 0);
        else if (!first) done(new Error(`${host} has no address`), '', 0);
        else if (all) done(null, addresses);
        else done(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => done(error, '', 0),
    );
  };
}

function everyAddress(host: string): Promise<Address[]> {
  return lookUp(host, { all: true });
}

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream & Readable>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Reads the body, counting what comes out of the decompression: a small answer may hold a large one. */
async function received(url: URL, response: IncomingMessage): Promise<Fetched> {
  const decoder = DECODERS[response.headers['content-encoding']?.toLowerCase() ?? '']?.();
  const body: Readable = decoder ? response.on('error', (error) => decoder.destroy(error)).pipe(decoder) : response;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BYTES) throw new FetchRefused(`${url.href} is larger than ${MAX_BYTES / 1_000_000} MB.`);
      chunks.push(chunk);
    }
  } finally {
    response.destroy();
  }
  const contentType = response.headers['content-type'] ?? '';
  return { url, status: response.statusCode ?? 0, contentType, bytes: Buffer.concat(chunks) };
}
