import assert from 'node:assert/strict';
import { Session } from '../../../src/agent/session';
import { createAnthropicModel } from '../../../src/models/anthropic';
import { proxyFor } from '../../../src/models/proxies';
import { WIRE_FAULTS } from '../../faults/wire';
import { startAnthropicServer, type AnthropicServer } from '../../support/anthropic-server';
import { startConnectProxy, type Proxy } from '../../support/connect-proxy';
import { tell, actTool } from '../../support/fault-run';
import { startTlsServer, TEST_CA, type TlsServer } from '../../support/tls-server';

describe('a fault on the way, injected', function () {
  this.timeout(60_000);
  let server: AnthropicServer;
  let tls: TlsServer;
  let proxy: Proxy | undefined;
  before(async () => {
    server = await startAnthropicServer({ turns: () => ({ content: [{ type: 'text', text: 'Done.' }] }) });
    tls = await startTlsServer(server.url);
  });
  after(async () => {
    await tls.stop();
    await server.stop();
  });
  afterEach(() => proxy?.stop());

  for (const row of WIRE_FAULTS) {
    it(`${row.id}: ${row.fails}`, async () => {
      const endpoint = row.endpoint ?? 'https://model.test';
      const port = endpoint.startsWith('https') ? tls.port : Number(new URL(server.url).port);
      const started = await startConnectProxy((index) => ({ ...(row.proxy[index] ?? row.proxy.at(-1)), port }));
      proxy = started;
      const env = Object.fromEntries(
        Object.entries(row.env).map(([name, value]) => [
          name,
          value === 'CA' ? TEST_CA : value.replace('PROXY', `127.0.0.1:${started.port}`),
        ]),
      );
      const patience = { firstByteMs: row.patienceMs ?? 30_000, silenceMs: 30_000 };
      const model = createAnthropicModel({
        model: 'claude-opus-5-5',
        credential: { kind: 'apiKey', value: 'test-key', source: 'test', baseUrl: endpoint },
        wire: { env, patience },
      });
      const session = await Session.open(row.id);
      const told = await tell(session, model, 'do it', { tools: [actTool([])] });
      const seen = { reason: told.end.reason, code: told.end.reason === 'failed' ? told.end.code : undefined };
      assert.deepEqual(seen, { reason: row.end, code: row.code }, told.told);
      assert.equal(told.retries, row.retries ?? 0, told.told);
      assert.ok(told.told.includes(row.says ?? ''), told.told);
      assert.equal(told.shown, row.end === 'done' ? 'Done.' : '');
      if (row.asks !== undefined) assert.equal(started.asked[0], row.asks);
      // What the proxy is signed in with is shown to nobody and goes to no server.
      assert.doesNotMatch(told.told, /p@ss|p%40ss|ada|secret-thing|test-key/u);
      const signatures = [...started.passed, ...server.requests.map(({ headers }) => headers)];
      assert.doesNotMatch(JSON.stringify(signatures), /proxy-authorization|YWRhO/u);
    });
  }
});

describe('the proxy of a URL', () => {
  const env = { HTTPS_PROXY: 'http://proxy:3128', HTTP_PROXY: 'http://plain:3128' };
  for (const [url, noProxy, wanted] of [
    ['https://api.anthropic.com', '', 'proxy:3128'],
    ['http://api.anthropic.com', '', 'plain:3128'],
    ['https://api.anthropic.com', '*', undefined],
    ['https://api.anthropic.com', 'anthropic.com', undefined],
    ['https://api.anthropic.com', '.anthropic.com', undefined],
    ['https://api.anthropic.com', '*.anthropic.com', undefined],
    ['https://api.anthropic.com', 'API.Anthropic.com', undefined],
    ['https://api.anthropic.com', 'thropic.com', 'proxy:3128'],
    ['https://api.anthropic.com', 'api.anthropic.com:443', undefined],
    ['https://api.anthropic.com', 'api.anthropic.com:8443', 'proxy:3128'],
    ['https://api.anthropic.com', 'example.org  ,api.anthropic.com', undefined],
    ['https://10.0.0.7:8443', '10.0.0.7', undefined],
    ['https://10.0.0.7:8443', '0.0.7', 'proxy:3128'],
    ['https://[fd00::7]', 'fd00::7', undefined],
    ['http://localhost:11434', '', undefined],
    ['http://127.0.0.1:8080', '', undefined],
    ['http://[::1]:8080', '', undefined],
  ] as const) {
    it(`is ${wanted ?? 'none'} for ${url} with NO_PROXY "${noProxy}"`, () => {
      assert.equal(proxyFor(new URL(url), { ...env, NO_PROXY: noProxy })?.host, wanted);
    });
  }
  it('is the one in small letters where both are set', () => {
    assert.equal(proxyFor(new URL('https://a.org'), { ...env, https_proxy: 'http://small:1' })?.host, 'small:1');
  });
});
