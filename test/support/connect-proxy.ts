import { once } from 'node:events';
import { createServer, request as requestHttp } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface ProxyOptions {
  /** What it does with a request; by default it does its work. */
  does?: 'work' | 'hang' | 'close' | 'page' | number;
  /** `name:password` that it wants. */
  credentials?: string;
  /** Where all hosts lead: a port of this machine, for tunnels and for requests that are passed on. */
  port: number;
}

export interface Proxy {
  port: number;
  /** What it was asked for: `CONNECT model.test:443`, `POST http://...`. */
  asked: string[];
  /** Headers of requests that were passed on. */
  passed: Record<string, unknown>[];
  stop(): Promise<void>;
}

/** A real HTTP proxy on the loopback address, which leads every host to a port of this machine. */
export async function startConnectProxy(
  optionsOf: (index: number, asked: string) => ProxyOptions,
  at = 0,
): Promise<Proxy> {
  const asked: string[] = [];
  const passed: Proxy['passed'] = [];
  const sockets = new Set<Socket>();
  const ask = (what: string): ProxyOptions => optionsOf(asked.push(what) - 1, what);
  const refusal = ({ does = 'work', credentials }: ProxyOptions, given: string | undefined): number | undefined => {
    if (typeof does === 'number') return does;
    const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
    return wanted !== undefined && given !== wanted ? 407 : undefined;
  };
  const server = createServer((request, response) => {
    const options = ask(`${request.method} ${request.url}`);
    const status = refusal(options, request.headers['proxy-authorization']);
    if (status !== undefined) return void response.writeHead(status).end();
    if (options.does === 'hang') return;
    if (options.does === 'close') return void request.socket.destroy();
    const { 'proxy-authorization': _, ...headers } = request.headers;
    passed.push(headers);
    const { method = 'GET', url = '' } = request;
    const { pathname } = new URL(url);
    const onward = requestHttp({ port: options.port, method, path: pathname, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.once('error', () => response.destroy());
    request.pipe(onward);
  });
  server.on('connect', (request, client: Socket, head: Buffer) => {
    const options = ask(`CONNECT ${request.url}`);
    client.on('error', () => undefined);
    const status = refusal(options, request.headers['proxy-authorization']);
    if (options.does === 'hang') return;
    if (options.does === 'close') return void client.destroy();
    if (options.does === 'page') return void client.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno');
    if (status !== undefined) return void client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    const onward = connect(options.port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.write(head);
      onward.pipe(client);
      client.pipe(onward);
    });
    onward.on('error', () => client.destroy());
    client.once('close', () => onward.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(at, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    passed,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
