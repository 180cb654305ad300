import assert from 'node:assert/strict';
import { connectionBy, fetchOf } from '../../../src/models/wire';
import { fetchUrl, type FetchOptions } from '../../../src/web/fetch';
import { chooseSearch } from '../../../src/web/search/index';
import { FETCH_FAULTS } from '../../faults/fetch';
import { startConnectProxy, type Proxy, type ProxyOptions } from '../../support/connect-proxy';
import { searchFixture, startSearchService, type SearchService } from '../../support/search-service';
import { startTlsServer, TEST_CA, type TlsServer } from '../../support/tls-server';

describe('the web, by the proxy of the environment', () => {
  let pages: SearchService;
  let tls: TlsServer;
  let proxy: Proxy | undefined;
  const { signal } = new AbortController();
  before(async () => {
    pages = await startSearchService(() => ({ headers: { 'content-type': 'text/plain' }, body: 'the page' }));
    tls = await startTlsServer(pages.url);
  });
  after(async () => {
    await tls.stop();
    await pages.stop();
  });
  afterEach(() => proxy?.stop());

  const started = async (options: Omit<ProxyOptions, 'port'>, port: number): Promise<Record<string, string>> => {
    proxy = await startConnectProxy(() => ({ ...options, port }));
    const by = `http://127.0.0.1:${proxy.port}`;
    return { HTTPS_PROXY: by, HTTP_PROXY: by, SSL_CERT_FILE: TEST_CA };
  };

  for (const row of FETCH_FAULTS) {
    it(`${row.id}: ${row.fails}`, async () => {
      const port = row.url.startsWith('https') ? tls.port : Number(new URL(pages.url).port);
      const env = await started(row.proxy ?? {}, port);
      const options: FetchOptions = {
        resolve: async () => {
          if (!row.address) throw new Error('getaddrinfo ENOTFOUND');
          return [{ address: row.address, family: 4 }];
        },
        connect: (url, address, stops) => connectionBy({ ...env, ...row.env }, url, address, stops),
      };
      const got = await fetchUrl(row.url, options, signal).then(
        ({ bytes }) => bytes.toString(),
        (error: Error) => error.message,
      );
      assert.ok(got.includes(row.says ?? 'the page'), got);
      assert.deepEqual(proxy?.asked, row.asks === undefined ? [] : [row.asks]);
    });
  }

  it('is searched through it, too', async () => {
    const { response } = await searchFixture('searxng');
    const service = await startSearchService(() => ({ body: JSON.stringify(response) }));
    try {
      const env = await started({}, Number(new URL(service.url).port));
      const search = await chooseSearch({
        ...{ service: 'searxng', searxngUrl: 'http://searx.test', env, fetch: fetchOf({ env }) },
        anthropic: async () => undefined,
      });
      const found = await search.search('x', { count: 3, includeDomains: [], excludeDomains: [] }, signal);
      assert.ok(found.length > 0);
      assert.match(proxy?.asked[0] ?? '', /^GET http:\/\/searx\.test\/search\?/u);
    } finally {
      await service.stop();
    }
  });
});
