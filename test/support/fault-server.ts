import { once } from 'node:events';
import { createServer, request as requestHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What happens to one request for a message, instead of the server's own answer. */
export type Fault =
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string }
  /** The connection ends by force before any answer, or properly and without a word. */
  | { kind: 'reset' | 'close' }
  | { kind: 'garbage'; bytes: string }
  /** Takes the request and says nothing; with headers or without. */
  | { kind: 'silent'; headers: boolean }
  /** Events as they stand, then the end: proper, by force, or none. */
  | { kind: 'stream'; events: readonly string[]; then: 'end' | 'reset' | 'silent' }
  /** The server's own answer up to this many bytes of its body, then a reset. */
  | { kind: 'cut'; after: number };

export interface FaultServer {
  url: string;
  /** Requests for messages that came, faulty ones too. */
  count: () => number;
  stop(): Promise<void>;
}

/** Stands before a server and spoils the answers to requests for messages, numbered from 0; all else is passed on as it is. */
export async function startFaultServer(
  target: string,
  faultOf: (index: number) => Fault | undefined,
): Promise<FaultServer> {
  let count = 0;
  const server = createServer((request, response) => {
    const isMessage = request.method === 'POST' && request.url === '/v1/messages';
    const fault = isMessage ? faultOf(count++) : undefined;
    if (fault === undefined || fault.kind === 'cut') return pass(target, request, response, fault?.after);
    request.resume().once('end', () => spoil(fault, request.socket, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: () => count,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function spoil(fault: Exclude<Fault, { kind: 'cut' }>, socket: Socket, response: ServerResponse): void {
  switch (fault.kind) {
    case 'status': {
      const { status, headers = {}, body = '' } = fault;
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
      return;
    }
    case 'reset':
      return void socket.resetAndDestroy();
    case 'close':
      return void socket.end();
    case 'garbage':
      return void socket.end(fault.bytes);
    case 'silent':
      if (fault.headers) response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      return;
    case 'stream':
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      // What was written must be on the wire before the connection goes.
      response.write(fault.events.join('') || '\n', () => {
        if (fault.then === 'reset') socket.resetAndDestroy();
        if (fault.then === 'end') response.end();
      });
  }
}

function pass(target: string, request: IncomingMessage, response: ServerResponse, cutAfter = Infinity): void {
  const { method, headers, url = '/' } = request;
  const onward = requestHttp(
    new URL(url, target),
    { ...(method ? { method } : {}), headers, agent: false },
    (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers).flushHeaders();
      let left = cutAfter;
      answer.on('data', (chunk: Buffer) => {
        if (left <= 0) return;
        const part = chunk.subarray(0, left);
        left -= chunk.length;
        response.write(part, () => left <= 0 && response.destroy());
      });
      answer.once('end', () => left > 0 && response.end());
      answer.once('error', () => response.destroy());
    },
  );
  onward.once('error', () => response.destroy());
  response.once('close', () => onward.destroy());
  request.pipe(onward);
}
