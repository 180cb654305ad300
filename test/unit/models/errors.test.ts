import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ModelError } from '../../../src/agent/model';
import { createAnthropicModel } from '../../../src/models/anthropic';
import { checkKey } from '../../../src/models/check-key';
import { findCredential, type Credential } from '../../../src/models/credential';
import { setEnvironment } from '../../support/environment';

describe('an endpoint that is not what it should be', () => {
  const servers: Server[] = [];
  const serve = async (listener: RequestListener): Promise<Credential> => {
    const server = createServer(listener).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { kind: 'apiKey', value: 'secret-key', source: 'test', baseUrl: `http://127.0.0.1:${port}` };
  };
  const failureOf = async (credential: Credential): Promise<ModelError> => {
    const model = createAnthropicModel({ model: 'claude-opus-5-5', credential });
    const request = { system: '', tools: [], messages: [{ role: 'user' as const, content: 'hello' }] };
    try {
      for await (const _ of model.stream(request, new AbortController().signal));
    } catch (error) {
      return error as ModelError;
    }
    throw new assert.AssertionError({ message: 'the request was answered' });
  };
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('does not get the key sent on to another host', async () => {
    const keys: unknown[] = [];
    const thief = await serve((request, response) => {
      keys.push(request.headers['x-api-key'] ?? request.headers.authorization);
      response.end('{}');
    });
    const credential = await serve((_, response) =>
      response.writeHead(307, { location: `${thief.baseUrl}/v1/messages` }).end(),
    );
    const failure = await failureOf(credential);
    assert.match(failure.message, /sends the request on to http/u);
    assert.equal(failure.retryAfterMs, undefined);
    await checkKey(credential);
    assert.deepEqual(keys, []);
  });

  it('is called a wrong base URL, not a missing model, when it knows no such path', async () => {
    const credential = await serve((_, response) => response.writeHead(404).end('<h1>Not Found</h1>'));
    const failure = await failureOf(credential);
    assert.equal(failure.code, undefined);
    assert.match(failure.message, /has no Messages API/u);
  });

  it('may lack the list of models without its key being called bad', async () => {
    assert.equal(await checkKey(await serve((_, response) => response.writeHead(404).end('no'))), undefined);
  });

  it('is waited for until the date it names', async () => {
    const credential = await serve((_, response) =>
      response.writeHead(503, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }).end('{}'),
    );
    const { retryAfterMs = 0 } = await failureOf(credential);
    assert.ok(retryAfterMs > 50_000 && retryAfterMs <= 60_000, String(retryAfterMs));
  });

  // The SDK sends keys and tokens alike, as bearers.
  it('gets one credential and no other, whatever the environment holds', async () => {
    const seen: unknown[] = [];
    const credential = await serve((request, response) => {
      seen.push([request.url, request.headers['x-api-key'], request.headers.authorization]);
      response.writeHead(400).end('{}');
    });
    const restore = setEnvironment({ ANTHROPIC_API_KEY: 'other', ANTHROPIC_AUTH_TOKEN: 'token' });
    try {
      await failureOf(credential);
      await failureOf({ ...credential, kind: 'authToken' });
    } finally {
      restore();
    }
    assert.deepEqual(seen, [
      ['/v1/messages', undefined, 'Bearer secret-key'],
      ['/v1/messages', undefined, 'Bearer secret-key'],
    ]);
  });

  it('never gets in clear a key that was set for https', () => {
    const env = { ANTHROPIC_API_KEY: 'k' };
    assert.equal(findCredential({ stored: undefined, baseUrl: 'http://api.anthropic.com', env }), undefined);
  });
});
