import assert from 'node:assert/strict';
import dns from 'node:dns';
import { join, resolve } from 'node:path';
import * as vscode from 'vscode';
import { Session } from '../../src/agent/session';
import { createAnthropicModel } from '../../src/models/anthropic';
import type { Keys } from '../../src/vscode/keys';
import type { SearchKeys } from '../../src/vscode/search-keys';
import { editorWeb } from '../../src/vscode/web';
import { fetchUrl } from '../../src/web/fetch';
import { EDITOR_PAGE_FAULTS, EDITOR_WIRE_FAULTS } from '../faults/editor-wire';
import { startAnthropicServer, type AnthropicServer } from '../support/anthropic-server';
import { startConnectProxy, type Proxy, type ProxyOptions } from '../support/connect-proxy';
import { actTool, tell } from '../support/fault-run';
import { startTlsServer, type TlsServer } from '../support/tls-server';

const certificates = join(resolve(__dirname, '..', '..', '..'), 'test', 'fixtures', 'tls');
const MODEL = 'https://model.test';
/** Where the environment of this editor says that a proxy is; nobody is there but while these tests run. */
const port = Number(process.env['ML_ENGINEER_EDITOR_TESTS_PROXY'] ?? 0);

describe('the way to the model and to pages, by the settings and the environment of the editor', function () {
  // Most ends are reached after seven tries, and the first one loads what the others need.
  this.timeout(120_000);
  let server: AnthropicServer;
  const servers: TlsServer[] = [];
  let proxy: Proxy;
  let options: Omit<ProxyOptions, 'port'> = {};
  const http = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('http');
  const set = async (values: Record<string, unknown>): Promise<void> => {
    for (const [name, value] of Object.entries(values))
      await http().update(name, value, vscode.ConfigurationTarget.Global);
  };
  /** Other things of the editor may go by the same proxy meanwhile. */
  const askedFor = (...hosts: string[]): string[] =>
    proxy.asked.filter((asked) => hosts.some((host) => asked.includes(`${host}:`)));
  /** A resolver may take its time to say that a name does not exist, or make one up. */
  const { lookup } = dns;
  const lookedUp: string[] = [];
  const ports: Record<string, number> = {};
  const names = ['proxy', 'noProxy', 'proxySupport', 'proxyStrictSSL', 'systemCertificates'];

  before(async () => {
    server = await startAnthropicServer({ turns: () => ({ content: [{ type: 'text', text: 'Done.' }] }) });
    servers.push(await startTlsServer(server.url, certificates, 'server', false));
    servers.push(await startTlsServer(server.url, certificates, 'self', false));
    const [known, self] = servers;
    ports['self.test:443'] = self?.port ?? 0;
    ports['plain.test:80'] = Number(new URL(server.url).port);
    ports['otherwise'] = known?.port ?? 0;
    proxy = await startConnectProxy((_index, asked) => {
      const [, at = ''] = asked.split(' ');
      return { ...options, port: ports[at] ?? ports['otherwise'] ?? 0 };
    }, port);
    dns.lookup = Object.assign(
      (name: string, ...rest: unknown[]) => {
        if (!name.endsWith('.test')) return Reflect.apply(lookup, dns, [name, ...rest]) as void;
        lookedUp.push(name);
        const gone = Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND', hostname: name });
        setImmediate(() => (rest.at(-1) as (error: Error) => void)(gone));
      },
      { __promisify__: lookup.__promisify__ },
    );
  });
  after(async () => {
    dns.lookup = lookup;
    await proxy.stop();
    for (const one of servers) await one.stop();
    await server.stop();
  });
  afterEach(async () => {
    options = {};
    proxy.asked.length = 0;
    lookedUp.length = 0;
    await set(Object.fromEntries(names.map((name) => [name, undefined])));
  });

  for (const row of EDITOR_WIRE_FAULTS) {
    it(`${row.id}: ${row.fails}`, async () => {
      options = {
        ...(row.credentials === undefined ? {} : { credentials: row.credentials }),
        ...(row.does === undefined ? {} : { does: row.does }),
      };
      const at = `127.0.0.1:${proxy.port}`;
      await set(
        Object.fromEntries(
          Object.entries(row.settings).map(([name, value]) => [
            name,
            typeof value === 'string' ? value.replace('PROXY', at) : value,
          ]),
        ),
      );
      const model = createAnthropicModel({
        model: 'claude-opus-5-5',
        credential: {
          ...{ kind: 'apiKey', value: 'test-key', source: 'test' },
          baseUrl: row.endpoint ?? MODEL,
        },
      });
      const told = await tell(await Session.open(row.id), model, 'do it', { tools: [actTool([])] });
      const seen = { reason: told.end.reason, code: told.end.reason === 'failed' ? told.end.code : undefined };
      assert.deepEqual(seen, { reason: row.end, code: row.code }, told.told);
      assert.ok(told.told.includes(row.says ?? ''), told.told);
      assert.equal(told.retries, row.retries ?? 0, told.told);
      const { hostname } = new URL(row.endpoint ?? MODEL);
      assert.equal(askedFor(hostname)[0], row.asks, JSON.stringify(proxy.asked));
      // With a proxy the name is the proxy's to look up.
      assert.equal(lookedUp.includes(hostname), row.says === 'could not be reached', lookedUp.join());
      assert.doesNotMatch(told.told, /p@ss|p%40ss|ada:|test-key/u);
      assert.doesNotMatch(JSON.stringify(server.requests.map(({ headers }) => headers)), /proxy-authorization/u);
    });
  }

  const pages: Record<string, { address: string; asks?: string; says: string }> = {
    'editor-page': {
      address: '93.184.216.34',
      asks: 'CONNECT 93.184.216.34:443',
      says: 'x-api-key header is required',
    },
    'editor-page-private': { address: '10.0.0.7', says: 'is not on the public internet' },
  };
  for (const row of EDITOR_PAGE_FAULTS) {
    it(`${row.id}: ${row.fails}`, async () => {
      const { address = '', asks, says = '' } = pages[row.id] ?? {};
      await set({ proxy: `http://127.0.0.1:${proxy.port}` });
      const { connect } = editorWeb({} as Keys, {} as SearchKeys);
      assert.ok(connect);
      const got = await fetchUrl(
        'https://model.test/page',
        { connect, resolve: async () => [{ address, family: 4 }] },
        new AbortController().signal,
      ).then(
        ({ bytes }) => bytes.toString(),
        (error: Error) => error.message,
      );
      assert.ok(got.includes(says), got);
      assert.deepEqual(askedFor('model.test', address), asks === undefined ? [] : [asks]);
    });
  }
});
