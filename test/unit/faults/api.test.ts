import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Model } from '../../../src/agent/model';
import { Session } from '../../../src/agent/session';
import { createAnthropicModel } from '../../../src/models/anthropic';
import { API_FAULTS, type ApiFault } from '../../faults/api';
import { startAnthropicServer, type AnthropicServer } from '../../support/anthropic-server';
import { actTool, tell, textKept } from '../../support/fault-run';
import { startFaultServer } from '../../support/fault-server';
import { startTlsServer } from '../../support/tls-server';

describe('a fault of the API, injected', function () {
  this.timeout(60_000);
  let server: AnthropicServer;
  let words: string;
  const stops: (() => unknown)[] = [];

  const model = (baseUrl: string, { to, patienceMs = 30_000 }: Partial<ApiFault> = {}): Model =>
    createAnthropicModel({
      model: to === 'wrong-model' ? 'claude-nobody-1' : 'claude-opus-5-5',
      credential: { kind: 'apiKey', value: to === 'wrong-key' ? 'wrong' : 'test-key', source: 'test', baseUrl },
      wire: { patience: { firstByteMs: patienceMs, silenceMs: patienceMs } },
    });
  const addressOf = async ({ to, always, faults }: ApiFault): Promise<string> => {
    const front = await startFaultServer(server.url, (index) => always ?? faults?.[index]);
    stops.push(() => front.stop());
    if (to === 'no-such-host') return 'http://nothing.invalid';
    if (to === 'nobody') {
      const gone = createServer().listen(0, '127.0.0.1');
      await once(gone, 'listening');
      const { port } = gone.address() as AddressInfo;
      gone.close();
      return `http://127.0.0.1:${port}`;
    }
    if (to === 'not-tls') return front.url.replace('http:', 'https:');
    if (to !== 'untrusted') return front.url;
    const tls = await startTlsServer(front.url);
    stops.push(() => tls.stop());
    return `https://127.0.0.1:${tls.port}`;
  };

  before(async () => {
    server = await startAnthropicServer({ turns: () => ({ content: [{ type: 'text', text: words }] }) });
  });
  after(() => server.stop());
  afterEach(() => Promise.all(stops.splice(0).map((stop) => stop())));

  for (const row of API_FAULTS) {
    it(`${row.id}: ${row.fails}`, async () => {
      words = row.answer ?? 'Done.';
      const url = await addressOf(row);
      const session = await Session.open(row.id);
      const ran: unknown[] = [];
      const tools = [actTool(ran)];
      const told = await tell(session, model(url, row), 'do it', { tools });
      const seen = { reason: told.end.reason, code: told.end.reason === 'failed' ? told.end.code : undefined };
      assert.deepEqual(seen, { reason: row.end, code: row.code }, told.told);
      assert.equal(told.retries, row.retries ?? 0, told.told);
      assert.ok(told.told.includes(row.says ?? ''), told.told);
      assert.doesNotMatch(told.told, /test-key|\bundefined\b|\[object/u);
      assert.equal(told.shown, row.shown);
      assert.equal(ran.length, row.ran ?? 0, JSON.stringify(ran));
      // What was shown is what the model is told it said; a refused answer and one of spaces are not sent back.
      if (row.code !== 'refused') assert.equal(textKept(session).trim(), row.shown.trim());

      const refusals = server.refusals.length;
      words = 'Gone on.';
      const next = await tell(session, model(server.url), 'go on', { tools });
      assert.deepEqual(server.refusals.slice(refusals), []);
      assert.equal(next.end.reason, 'done', next.told);
      assert.equal(next.shown, 'Gone on.');
      assert.equal(ran.length, row.ran ?? 0);
    });
  }
});
