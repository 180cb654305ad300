import assert from 'node:assert/strict';
import { openDoor } from '../../../src/models/messages-door';
import { anthropicSearch } from '../../../src/web/search/anthropic';
import { braveSearch } from '../../../src/web/search/brave';
import { domainOf, isWanted, withSites } from '../../../src/web/search/domains';
import { chooseSearch, SearchFailed, type SearchOptions, type SearchProvider } from '../../../src/web/search/index';
import type { Spent } from '../../../src/web/search/provider';
import { requestJson } from '../../../src/web/search/request';
import { searxngSearch } from '../../../src/web/search/searxng';
import { tavilySearch } from '../../../src/web/search/tavily';
import { searchFixture, startSearchService, type Reply, type SearchService } from '../../support/search-service';

const KEY = { value: 'secret-key', source: 'environment variable TEST_KEY' };
const GUIDE = 'https://scikit-learn.org/stable/modules/calibration.html';
const BLOG = 'https://blog.example.net/calibration';

type Service = 'brave' | 'tavily' | 'searxng' | 'anthropic';
const SERVICES: Readonly<Record<Service, (url: string) => SearchProvider>> = {
  brave: (url) => braveSearch(KEY, `${url}/res/v1/web/search`),
  tavily: (url) => tavilySearch(KEY, `${url}/search`),
  searxng: (url) => searxngSearch(new URL(`${url}/searx/`)),
  anthropic: (url) => anthropicSearch(openDoor({ kind: 'apiKey', ...KEY, baseUrl: url })),
};
const ALL = Object.keys(SERVICES) as Service[];

describe('search services', () => {
  let server: SearchService;
  let reply: (path: string, body: string) => Reply;
  const fixtureReply = async (service: Service): Promise<void> => {
    const { response } = await searchFixture(service);
    reply = () => ({ body: JSON.stringify(response) });
  };
  const search = (
    service: Service,
    options: Partial<SearchOptions> = {},
    signal = new AbortController().signal,
  ): ReturnType<SearchProvider['search']> =>
    SERVICES[service](server.url).search(
      'probability calibration',
      { count: 5, includeDomains: [], excludeDomains: [], ...options },
      signal,
    );
  const failure = async (service: Service): Promise<string> => {
    const error = await search(service).then(
      () => assert.fail('it did not fail'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof SearchFailed, String(error));
    return error.message;
  };

  before(async () => {
    server = await startSearchService(({ url, body }) => reply(url.pathname, body));
  });
  beforeEach(() => server.requests.splice(0));
  after(() => server.stop());

  for (const service of ALL) {
    it(`${service}: gives title, address and snippet from what it publishes`, async () => {
      await fixtureReply(service);
      const results = await search(service);
      assert.deepEqual(
        results.map(({ url }) => url),
        [GUIDE, BLOG],
      );
      assert.match(results[0]?.title ?? '', /Probability calibration/u);
      assert.match(results[0]?.snippet ?? '', /probabilities|classifiers/u);
    });

    it(`${service}: says where the key is from when it is not taken, and never the key`, async () => {
      reply = () => ({ status: 401, body: '{"detail": "no"}' });
      const said = await failure(service);
      if (service !== 'searxng') assert.match(said, /environment variable TEST_KEY/u);
      assert.doesNotMatch(said, /secret-key/u);
    });

    it(`${service}: says how long to wait when there were too many`, async () => {
      reply = () => ({ status: 429, headers: { 'retry-after': '17' }, body: '{}' });
      assert.match(await failure(service), /ry again in 17 s/u);
    });

    it(`${service}: is not taken in by a page, by another form, or by an endless answer`, async () => {
      reply = () => ({ headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' });
      assert.match(await failure(service), /a web page instead of JSON/u);
      reply = () => ({ body: '{"ok": true}' });
      assert.match(await failure(service), /in a form that is not known/u);
      reply = () => ({ body: `{"x": "${'x'.repeat(2_100_000)}"}` });
      assert.match(await failure(service), /more than 2 MB/u);
    });

    it(`${service}: does not take its key to where it is sent on`, async () => {
      reply = () => ({ status: 302, headers: { location: 'http://127.0.0.1:1/elsewhere' } });
      assert.match(await failure(service), /sends the request on to http:\/\/127\.0\.0\.1:1\/elsewhere/u);
      assert.equal(server.requests.length, 1);
    });

    it(`${service}: ends at once when it is stopped`, async () => {
      reply = () => ({ hang: true });
      const stop = new AbortController();
      setTimeout(() => stop.abort(new Error('stopped')), 50);
      const began = Date.now();
      await assert.rejects(search(service, {}, stop.signal), (error) => error === stop.signal.reason);
      assert.ok(Date.now() - began < 500);
      await server.left;
    });

    it(`${service}: names the host that cannot be reached`, async () => {
      const gone = await startSearchService(() => ({}));
      await gone.stop();
      const provider = SERVICES[service](gone.url);
      await assert.rejects(
        provider.search('x', { count: 5, includeDomains: [], excludeDomains: [] }, new AbortController().signal),
        (error) => error instanceof SearchFailed && /could not be reached: .*ECONNREFUSED/u.test(error.message),
      );
    });
  }

  it('end after their time', async () => {
    const asked = requestJson(
      { name: 'Slow', timeoutMs: 50 },
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      new AbortController().signal,
    );
    await assert.rejects(asked, /Slow did not answer within 0\.05 s/u);
  });

  it('Brave: gets the key in its header, the domains as operators, and a known bad key by its code', async () => {
    await fixtureReply('brave');
    await search('brave', { includeDomains: ['a.org', 'b.org'], excludeDomains: ['c.org'] });
    const { url, headers } = server.requests[0] ?? assert.fail();
    assert.equal(headers['x-subscription-token'], 'secret-key');
    assert.equal(url.pathname, '/res/v1/web/search');
    assert.equal(url.searchParams.get('q'), 'probability calibration site:a.org OR site:b.org -site:c.org');
    assert.equal(url.searchParams.get('count'), '20');
    const { failures } = await searchFixture('brave');
    reply = () => ({ status: 422, body: JSON.stringify(failures['422']) });
    assert.match(await failure('brave'), /TEST_KEY \(422\): The provided subscription token is invalid/u);
    reply = () => ({ status: 429, headers: { 'x-ratelimit-reset': '3, 1419704' }, body: '{}' });
    assert.match(await failure('brave'), /in 3 s/u);
    reply = () => ({ body: '{"type": "search", "query": {"original": "x"}}' });
    assert.deepEqual(await search('brave'), []);
  });

  it('Tavily: gets the key as a bearer, the domains as lists, and tells a used-up plan', async () => {
    await fixtureReply('tavily');
    await search('tavily', { includeDomains: ['a.org'], excludeDomains: ['c.org'] });
    const { method, headers, body } = server.requests[0] ?? assert.fail();
    assert.deepEqual([method, headers.authorization], ['POST', 'Bearer secret-key']);
    const { query, max_results, include_domains, exclude_domains } = JSON.parse(body) as Record<string, unknown>;
    assert.deepEqual([query, max_results], ['probability calibration', 5]);
    assert.deepEqual([include_domains, exclude_domains], [['a.org'], ['c.org']]);
    const { failures } = await searchFixture('tavily');
    reply = () => ({ status: 401, body: JSON.stringify(failures['401']) });
    assert.match(await failure('tavily'), /Unauthorized: missing or invalid API key/u);
    reply = () => ({ status: 432, body: JSON.stringify(failures['432']) });
    assert.match(await failure('tavily'), /the plan's limit is used up/u);
  });

  it('SearXNG: is asked below the path it lies under, and a refused format is explained', async () => {
    await fixtureReply('searxng');
    await search('searxng');
    const { url } = server.requests[0] ?? assert.fail();
    assert.equal(url.pathname, '/searx/search');
    assert.equal(url.searchParams.get('format'), 'json');
    reply = () => ({ status: 403, headers: { 'content-type': 'text/html' }, body: '<h1>Forbidden</h1>' });
    assert.match(await failure('searxng'), /Add "json" to search\.formats/u);
  });

  it('Anthropic: one request with the server tool, whose tokens and search are told with their price', async () => {
    await fixtureReply('anthropic');
    const told: Spent[] = [];
    await search('anthropic', {
      includeDomains: ['a.org'],
      excludeDomains: ['b.org'],
      spent: async (one) => void told.push(one),
    });
    assert.equal(server.requests.length, 1);
    const { url, headers, body } = server.requests[0] ?? assert.fail();
    assert.deepEqual([url.pathname, headers.authorization], ['/v1/messages', 'Bearer secret-key']);
    const { tools, max_tokens } = JSON.parse(body) as Record<string, unknown>;
    assert.deepEqual(tools, [
      { type: 'web_search_20250305', name: 'web_search', max_uses: 1, allowed_domains: ['a.org'] },
    ]);
    assert.ok((max_tokens as number) <= 2_000);
    const costUsd = (6_039 * 0.1 + 931 * 0.5) / 1_000_000 + 0.01;
    assert.deepEqual(told, [
      {
        usage: { input: 6_039, output: 931, cacheRead: 0, cacheWrite: 0, searches: 1 },
        model: 'claude-haiku-5-5',
        costUsd,
      },
    ]);
  });

  it('Anthropic: tells what was spent on a search that failed, and why it failed', async () => {
    const { response, failure: block } = await searchFixture('anthropic');
    reply = () => ({ body: JSON.stringify({ ...response, content: [block] }) });
    const told: Spent[] = [];
    await assert.rejects(
      search('anthropic', { spent: async (one) => void told.push(one) }),
      /failed \(too_many_requests\)\. Wait before the next search/u,
    );
    assert.equal(told.length, 1);
  });

  it('Anthropic: asks the next model where the first is gone, and no other after a refused key', async () => {
    const { response } = await searchFixture('anthropic');
    const notFound = { type: 'error', error: { type: 'not_found_error', message: 'model: claude-haiku-5-5' } };
    reply = (_, body) =>
      body.includes('claude-haiku-5-5')
        ? { status: 404, body: JSON.stringify(notFound) }
        : { body: JSON.stringify(response) };
    assert.equal((await search('anthropic')).length, 2);
    assert.equal(server.requests.length, 2);
    server.requests.splice(0);
    reply = () => ({ status: 401, body: '{}' });
    await failure('anthropic');
    assert.equal(server.requests.length, 1);
  });
});

describe('the choice of a search service', () => {
  const choice = { searxngUrl: '', env: {}, anthropic: async () => undefined };
  const refusal = (service: Parameters<typeof chooseSearch>[0]['service'], more: object = {}): Promise<string> =>
    chooseSearch({ ...choice, ...more, service }).then(
      () => assert.fail('it was chosen'),
      (error: Error) => (error instanceof SearchFailed ? error.message : assert.fail(error)),
    );

  it('says how to set one where none is set', async () => {
    assert.match(await refusal('none'), /mlEngineer\.web\.search/u);
    assert.match(await refusal('anthropic'), /no key for Anthropic.*mlEngineer\.web\.search/u);
    assert.match(await refusal('brave'), /BRAVE_API_KEY/u);
    assert.match(await refusal('tavily'), /TAVILY_API_KEY/u);
    assert.match(await refusal('searxng'), /mlEngineer\.web\.searxngUrl/u);
    assert.match(await refusal('searxng', { searxngUrl: 'file:///etc/passwd' }), /is no address/u);
  });

  it('takes the key stored for the very host before the environment', async () => {
    const asked: string[] = [];
    const storedKey = async (host: string): Promise<undefined> => void asked.push(host);
    const { url } = await chooseSearch({ ...choice, service: 'brave', storedKey, env: { BRAVE_API_KEY: 'k' } });
    assert.deepEqual([url.host, asked], ['api.search.brave.com', ['api.search.brave.com']]);
    assert.equal((await chooseSearch({ ...choice, service: 'tavily', env: { TAVILY_API_KEY: 'k' } })).name, 'Tavily');
  });
});

describe('domains of a search', () => {
  it('are read from what a model writes', () => {
    assert.equal(domainOf('https://Docs.Example.org/a?b'), 'docs.example.org');
    assert.equal(domainOf('*.example.org'), 'example.org');
    for (const bad of ['', 'two words', 'localhost', 'https://']) assert.equal(domainOf(bad), undefined, bad);
  });

  it('hold for subdomains, and not for names that only end alike', () => {
    const domains = { includeDomains: ['example.org'], excludeDomains: ['old.example.org'] };
    assert.ok(isWanted('https://docs.example.org/a', domains));
    for (const url of ['https://badexample.org/', 'https://example.org.evil.net/', 'https://old.example.org/x'])
      assert.ok(!isWanted(url, domains), url);
    for (const url of ['javascript:alert(1)', 'file:///etc/passwd', 'nonsense'])
      assert.ok(!isWanted(url, { includeDomains: [], excludeDomains: [] }), url);
  });

  it('stay out of a query that they would make too long', () => {
    assert.equal(
      withSites('x', { includeDomains: ['a.org'], excludeDomains: ['b.org'] }, 400),
      'x site:a.org -site:b.org',
    );
    assert.equal(
      withSites('x', { includeDomains: Array<string>(50).fill('example.org'), excludeDomains: [] }, 400),
      'x',
    );
  });
});
