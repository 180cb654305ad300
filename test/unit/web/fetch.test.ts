import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { fetchUrl, FetchRefused, type FetchOptions } from '../../../src/web/fetch';

describe('fetching from the web', () => {
  let server: Server | undefined;
  let requests = 0;
  const { signal } = new AbortController();
  /** A real server on this machine; `example.com` is let through to it where a test says so. */
  const serve = async (answer: RequestListener): Promise<number> => {
    requests = 0;
    server = createServer((request, response) => {
      requests += 1;
      answer(request, response);
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const here: FetchOptions = {
    allowedHosts: ['example.com'],
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  };
  const refusal = async (text: string, options: FetchOptions): Promise<string> => {
    const error = await fetchUrl(text, options, signal).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof FetchRefused, String(error));
    return error.message;
  };
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  it('gives what came, decompressed, from the address that was judged', async () => {
    const port = await serve((request, response) => {
      response.setHeader('content-type', 'text/plain').setHeader('content-encoding', 'gzip');
      response.end(gzipSync(`${request.headers.host} ${request.url}`));
    });
    const { bytes, status, contentType } = await fetchUrl(`http://example.com:${port}/a?b=c`, here, signal);
    assert.deepEqual([bytes.toString(), status, contentType], [`example.com:${port} /a?b=c`, 200, 'text/plain']);
  });

  it('connects to nothing when one of the addresses of a name is inside', async () => {
    const port = await serve((_, response) => response.end('secret'));
    const addresses = [
      { address: '93.184.215.14', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    const message = await refusal(`http://example.com:${port}/`, { resolve: async () => addresses });
    assert.match(message, /example\.com leads to 127\.0\.0\.1 is not on the public internet \(loopback\)/u);
    assert.equal(requests, 0);
  });

  it('asks for a name once, so that a name which changes its address gains nothing', async () => {
    let asked = 0;
    const resolve = async (): Promise<{ address: string; family: number }[]> => {
      asked += 1;
      return [{ address: asked === 1 ? '192.0.2.1' : '127.0.0.1', family: 4 }];
    };
    await refusal('http://example.com/', { resolve });
    assert.equal(asked, 1);
  });

  it('judges each redirect anew, and leaves another host to be asked for', async () => {
    const port = await serve((request, response) => {
      const to = { '/in': 'http://127.0.0.1:9/', '/out': 'https://example.org/x', '/same': '/end' }[request.url ?? ''];
      if (to === undefined && request.url !== '/loop') return response.end('the end');
      response.writeHead(302, { location: to ?? '/loop' }).end();
    });
    const at = (path: string): string => `http://example.com:${port}${path}`;
    assert.equal((await fetchUrl(at('/same'), here, signal)).bytes.toString(), 'the end');
    assert.match(await refusal(at('/in'), here), /127\.0\.0\.1 is not on the public internet/u);
    assert.match(await refusal(at('/out'), here), /redirects to another host. Fetch https:\/\/example\.org\/x itself/u);
    assert.match(await refusal(at('/loop'), here), /more than 5 times/u);
  });

  it('stops at 10 MB, however small it was on the way', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const port = await serve((_, response) => response.setHeader('content-encoding', 'gzip').end(bomb));
    assert.match(await refusal(`http://example.com:${port}/`, here), /larger than 10 MB/u);
  });

  it('says what went wrong, and ends at once when stopped', async () => {
    const port = await serve(() => undefined);
    assert.match(await refusal('http://example.com:1/', here), /could not be reached: .*ECONNREFUSED/u);
    assert.match(await refusal('file:///etc/passwd', here), /only http and https/u);
    assert.match(await refusal('http://10.0.0.1/', here), /private/u);
    const stop = new AbortController();
    const work = fetchUrl(`http://example.com:${port}/`, here, stop.signal);
    setTimeout(() => stop.abort(new Error('stopped by the test')), 50);
    await assert.rejects(work, /stopped by the test/u);
  });
});
