import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const FOLDER = join(__dirname, '..', 'fixtures', 'tls');
/** The authority that vouches for the server below, and for nothing else. */
export const TEST_CA = join(FOLDER, 'ca.pem');

export interface TlsServer {
  port: number;
  /** Connections that were spoken TLS over. */
  secured: () => number;
  stop(): Promise<void>;
}

/**
 * Speaks TLS as `model.test` before a server without it; as `self.test`, which nobody vouches for, by the name `self`.
 * Where it keeps no connection, each request comes by one of its own.
 */
export async function startTlsServer(
  target: string,
  folder = FOLDER,
  name = 'server',
  keeps = true,
): Promise<TlsServer> {
  let secured = 0;
  const server = createServer(
    { key: readFileSync(join(folder, `${name}.key`)), cert: readFileSync(join(folder, `${name}.pem`)) },
    ({ method = 'GET', headers, url = '/' }, response) => {
      if (!keeps) response.shouldKeepAlive = false;
      const onward = requestHttp(new URL(url, target), { method, headers, agent: false }, (answer) => {
        // Whether that connection is kept is no matter of this one.
        const { connection: _, ...headers } = answer.headers;
        response.writeHead(answer.statusCode ?? 500, headers);
        answer.pipe(response);
      });
      onward.once('error', () => response.destroy());
      response.req.pipe(onward);
    },
  );
  server.on('secureConnection', () => (secured += 1));
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    secured: () => secured,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
