import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Sends nothing until the client goes. */
  hang?: true;
}

export interface SearchRequest {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface SearchService {
  url: string;
  requests: SearchRequest[];
  /** Resolves when a client went away before it was answered. */
  left: Promise<void>;
  stop(): Promise<void>;
}

/** A search service on the loopback address that answers each request as `reply` says. */
export async function startSearchService(reply: (request: SearchRequest) => Reply): Promise<SearchService> {
  const requests: SearchRequest[] = [];
  let leave = (): void => undefined;
  const left = new Promise<void>((resolve) => (leave = resolve));
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('close', () => response.writableFinished || leave());
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://service');
      const body = Buffer.concat(chunks).toString();
      const request = { method: incoming.method ?? '', url, headers: incoming.headers, body };
      requests.push(request);
      const { status = 200, headers = {}, body: text = '', hang } = reply(request);
      if (!hang) response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    left,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface SearchFixture {
  source: string;
  response: Record<string, unknown>;
  failures: Record<string, unknown>;
  failure: Record<string, unknown>;
}

/** What a service answers, in the form that the page named as its source publishes. */
export async function searchFixture(name: string): Promise<SearchFixture> {
  const path = join(__dirname, '..', 'fixtures', 'search', `${name}.json`);
  return JSON.parse(await readFile(path, 'utf8')) as SearchFixture;
}
