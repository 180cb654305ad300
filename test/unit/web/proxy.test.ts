import assert from 'node:assert/strict';
import { connectionBy, fetchOf } from '../../../src/models/wire';
import { fetchUrl, type FetchOptions } from '../../../src/web/fetch';
import { chooseSearch } from '../../../src/web/search/index';
import { braveSearch } from '../../../src/web/search/brave';
import { tavilySearch } from '../../../src/web/search/tavily';
import { FETCH_FAULTS, SEARCH_FAULTS } from '../../faults/fetch';
import { startConnectProxy, type Proxy, type ProxyOptions } from '../../support/connect-proxy';
import { searchFixture, startSearchService, type SearchService } from '../../support/search-service';
import { startTlsServer, TEST_CA, type TlsServer } from '../../support/tls-server';

const SEARCHES = { brave: braveSearch, tavily: tavilySearch } as const;

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

  for (const row of SEARCH_FAULTS) {
    it(`${row.id}: ${row.fails}`, async () => {
      const { response } = await searchFixture(row.service);
      const service = await startSearchService(() => ({ body: JSON.stringify(response) }));
      const behind = await startTlsServer(service.url);
      try {
        const env = await started(row.proxy ?? {}, behind.port);
        const key = { value: 'the-search-key', source: 'environment' };
        const search = SEARCHES[row.service](key, row.endpoint, fetchOf({ env }));
        const options = { count: 3, includeDomains: [], excludeDomains: [] };
        const got = await search.search('x', options, signal).then(
          (found) => `${found.length} results`,
          (error: Error) => error.message,
        );
        if (row.says === undefined) assert.match(got, /^[1-9]\d* results$/u);
        else assert.ok(got.includes(row.says), got);
        assert.deepEqual(proxy?.asked, [row.asks]);
        const heard = JSON.stringify(service.requests.map(({ headers }) => headers));
        assert.equal(heard.includes('the-search-key'), row.says === undefined);
        assert.doesNotMatch(heard + got, /proxy-authorization|ada/u);
      } finally {
        await behind.stop();
        await service.stop();
      }
    });
  }

  it('is what a chosen service is asked by', async () => {
    for (const [service, asks] of [
      ['brave', 'CONNECT api.search.brave.com:443'],
      ['tavily', 'CONNECT api.tavily.com:443'],
    ] as const) {
      const env = { ...(await started({ does: 403 }, 1)), BRAVE_API_KEY: 'k', TAVILY_API_KEY: 'k' };
      const search = await chooseSearch({
        ...{ service, searxngUrl: '', env, fetch: fetchOf({ env }) },
        anthropic: async () => undefined,
      });
      await assert.rejects(search.search('x', { count: 3, includeDomains: [], excludeDomains: [] }, signal), /403/u);
      assert.deepEqual(proxy?.asked, [asks]);
      await proxy?.stop();
    }
  });

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
