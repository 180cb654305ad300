import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import * as z from 'zod';
import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { AgentEvent, RunEnd } from '../../src/agent/events';
import { runAgent } from '../../src/agent/loop';
import { Session } from '../../src/agent/session';
import { defineTool, toolSchema, type ToolOutput } from '../../src/agent/tool';
import { messagesOf, usageOf } from '../../src/agent/folds';
import { createEditorModel } from '../../src/vscode/editor-model';

/** One request as the vendor's extension is handed it; `vscode` is its own, whose classes it answers with. */
interface Asked {
  messages: readonly vscode.LanguageModelChatRequestMessage[];
  options: vscode.ProvideLanguageModelChatResponseOptions;
  progress: vscode.Progress<unknown>;
  token: vscode.CancellationToken;
  vscode: typeof vscode;
}
interface StandIn {
  answer(next: (asked: Asked) => Promise<void>): void;
  count(next: (text: string) => Promise<number>): void;
}

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const image: ContentBlockParam = {
  type: 'image',
  source: { type: 'base64', media_type: 'image/png', data: PIXEL },
};

describe("a model of another vendor, over the editor's own interface", () => {
  let standIn: StandIn;
  let models: vscode.LanguageModelChat[];
  let model: vscode.LanguageModelChat;
  let session: Session;
  let plotted: ToolOutput;
  const requests: Asked[] = [];

  before(async () => {
    const extension = vscode.extensions.getExtension<{ standIn: StandIn }>('another-vendor.stand-in-models');
    assert.ok(extension);
    ({ standIn } = await extension.activate());
    models = await vscode.lm.selectChatModels({ vendor: 'stand-in' });
  });
  beforeEach(async () => {
    session = await Session.open('editor-model');
    plotted = { content: 'plotted' };
    requests.length = 0;
    standIn.count(async (text) => text.length);
    model = named('one');
  });

  function named(id: string): vscode.LanguageModelChat {
    const found = models.find((one) => one.id === id);
    assert.ok(found, id);
    return found;
  }

  const plot = defineTool<undefined, z.ZodObject<{ what: z.ZodString }>>({
    name: 'Plot',
    description: 'Plots.',
    input: z.object({ what: z.string() }),
    reads: true,
    title: ({ what }) => `Plotting ${what}`,
    action: () => ({ effect: 'none' }),
    run: async () => plotted,
  });

  /** Plays one answer a request; the last one again and again. */
  function play(...answers: ((asked: Asked) => unknown)[]): void {
    standIn.answer(async (asked) => {
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push(asked);
      await answer?.(asked);
    });
  }
  const says =
    (text: string) =>
    ({ progress, vscode: theirs }: Asked): void =>
      progress.report(new theirs.LanguageModelTextPart(text));
  const calls =
    (id: string, input: object, name = 'Plot') =>
    ({ progress, vscode: theirs }: Asked): void =>
      progress.report(new theirs.LanguageModelToolCallPart(id, name, input));

  async function run(
    text: string,
    {
      attachments = [],
      signal = new AbortController().signal,
    }: { attachments?: ContentBlockParam[]; signal?: AbortSignal } = {},
  ): Promise<{ end: RunEnd; events: AgentEvent[] }> {
    const events: AgentEvent[] = [];
    const stream = runAgent<undefined>({
      session,
      head: { folders: [], droid: 'test', system: 'You plot.', tools: [toolSchema(plot)] },
      prompt: { text, attachments, notes: [] },
      model: createEditorModel(model),
      tools: [plot],
      host: undefined,
      policy: () => ({ mode: 'ask', trusted: true, allow: [], ask: [], deny: [] }),
      ask: () => Promise.reject(new Error('nothing is to be asked')),
      limits: { turns: 5, costUsd: 1 },
      signal,
    });
    for await (const event of stream) events.push(event);
    const end = events.at(-1);
    assert.equal(end?.type, 'run-end');
    return { end: end as RunEnd & AgentEvent, events };
  }
  const partsOf = (asked: Asked | undefined): unknown[] => asked?.messages.flatMap(({ content }) => [...content]) ?? [];

  it('calls tools and answers, knows its tokens, and names no price', async () => {
    play(calls('call-1', { what: 'loss' }), says('The loss falls.'));
    const { end } = await run('Plot it.');
    assert.deepEqual(end.reason, 'done');
    assert.deepEqual(
      requests[0]?.options.tools?.map(({ name }) => name),
      ['Plot'],
    );
    const results = partsOf(requests[1]).filter((part) => part instanceof vscode.LanguageModelToolResultPart);
    assert.equal(results[0]?.callId, 'call-1');
    const usage = usageOf(session.branch);
    assert.equal(usage.turns, 2);
    assert.ok(usage.input > 50 && usage.output > 15, JSON.stringify(usage));
    assert.equal(usage.costUsd, null);
  });

  describe('and images', () => {
    const kinds = (asked: Asked | undefined): string[] =>
      partsOf(asked).flatMap((part) => {
        const inner = part instanceof vscode.LanguageModelToolResultPart ? part.content : [part];
        return inner.flatMap((one) => (one instanceof vscode.LanguageModelDataPart ? [one.mimeType] : []));
      });
    const IN_WORDS = /an image, which this model is not given/u;

    it('is given them, also those of results', async () => {
      plotted = { content: [{ type: 'text', text: 'see' }, image] };
      play(calls('a', { what: 'x' }), says('I see.'));
      await run('Look.', { attachments: [image] });
      assert.deepEqual(kinds(requests[0]), ['image/png']);
      assert.deepEqual(kinds(requests[1]), ['image/png', 'image/png']);
    });

    it('is told of them in words where it says that it takes none', async () => {
      model = named('blind');
      play(says('I do without.'));
      assert.equal((await run('Look.', { attachments: [image] })).end.reason, 'done');
      assert.deepEqual(kinds(requests[0]), []);
      assert.match(JSON.stringify(partsOf(requests[0])), IN_WORDS);
    });

    it('is asked again in words where the editor does not say, and it failed on them', async () => {
      // Older editors have no such property.
      model = Object.create(named('one'), { capabilities: { value: undefined } }) as vscode.LanguageModelChat;
      play(() => {
        throw new Error('this deployment has no vision');
      }, says('I do without.'));
      assert.equal((await run('Look.', { attachments: [image] })).end.reason, 'done');
      assert.deepEqual(
        requests.map((asked) => kinds(asked).length),
        [1, 0],
      );
      assert.match(JSON.stringify(partsOf(requests[1])), IN_WORDS);
    });
  });

  /** What the model throws ends the run with its code and what to do next, and the session can be gone on with. */
  async function ends(name: 'NoPermissions' | 'Blocked' | 'NotFound', code: string, next: RegExp): Promise<void> {
    play(({ vscode: theirs }) => {
      throw theirs.LanguageModelError[name]('not signed in');
    }, says('Back.'));
    const { end } = await run('Plot it.');
    assert.ok(end.reason === 'failed');
    assert.equal(end.code, code, end.message);
    assert.match(end.message, next);
    assert.match(end.message, /^Model One \(stand-in\)/u);
    assert.equal((await run('Go on.')).end.reason, 'done');
  }

  it('model-consent: that may not be used says so, and where access is managed', () =>
    ends('NoPermissions', 'no-consent', /may not be used here: not signed in\. .*Manage Language Model Access/u));

  it('model-quota: that is blocked says so, and that it can be gone on with later', () =>
    ends('Blocked', 'quota', /blocked or its quota is used up: not signed in\. Wait and send "go on"/u));

  it('model-gone: that is gone says so, and that another can be chosen', () =>
    ends('NotFound', 'model-gone', /is gone\. Choose another model/u));

  it('model-fails: that fails for reasons of its own, at once or in the middle, says them and is not asked again by itself', async () => {
    for (const before of [undefined, says('Half an ')]) {
      requests.length = 0;
      play((asked) => {
        before?.(asked);
        throw new Error('upstream\n  closed');
      });
      const { end } = await run('Plot it.');
      assert.ok(end.reason === 'failed');
      assert.match(end.message, /failed: .*upstream closed\. Send "go on" to try again/u);
      assert.equal(end.code, undefined);
      assert.equal(requests.length, 1);
    }
  });

  it('model-empty: that answers with nothing, or with thinking only, has failed and not finished', async () => {
    for (const answer of [
      () => undefined,
      ({ progress, vscode: theirs }: Asked) => {
        const { LanguageModelThinkingPart: Thinking } = theirs as unknown as Record<
          string,
          new (text: string) => object
        >;
        if (Thinking) progress.report(new Thinking('Hm.'));
      },
    ]) {
      play(answer);
      const { end } = await run('Plot it.');
      assert.ok(end.reason === 'failed');
      assert.match(end.message, /answered with nothing\. Send "go on"/u);
    }
  });

  it('model-deaf: is left behind at once when the user stops, although it looks at no token', async () => {
    play(
      (asked) =>
        new Promise<void>((done) => {
          says('Thinking about')(asked);
          asked.token.onCancellationRequested(() => globalThis.setTimeout(done, 20_000).unref());
        }),
    );
    const stop = new AbortController();
    globalThis.setTimeout(() => stop.abort(), 300);
    const began = Date.now();
    const { end } = await run('Plot it.', { signal: stop.signal });
    assert.equal(end.reason, 'stopped');
    assert.ok(Date.now() - began < 5_000, `${Date.now() - began} ms`);
    while (requests[0]?.token.isCancellationRequested !== true) await setTimeout(20);
  });

  it('model-ids: may give its calls empty, equal or strange ids and no input: each has its own result in a history others take', async () => {
    play(
      (asked) => {
        for (const id of ['', 'same', 'same', '../../x y']) calls(id, { what: id })(asked);
        calls('none', null as unknown as object, 'Plot it!')(asked);
      },
      calls('same', { what: 'again' }),
      says('Done.'),
    );
    assert.equal((await run('Plot it.')).end.reason, 'done');
    const blocks = messagesOf(session.branch).flatMap(({ content }) => (typeof content === 'string' ? [] : content));
    const ids = blocks.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
    const answered = blocks.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []));
    assert.equal(new Set(ids).size, 6);
    assert.deepEqual(answered, ids);
    for (const block of blocks)
      if (block.type === 'tool_use') {
        assert.match(`${block.id} ${block.name}`, /^[\w-]{1,64} [\w-]+$/u);
        assert.equal(typeof block.input, 'object');
      }
    const sent = partsOf(requests[2]).filter((part) => part instanceof vscode.LanguageModelToolResultPart);
    assert.deepEqual(
      sent.map(({ callId }) => callId),
      ids,
    );
  });

  it('is believed where it tells its tokens, and never waited for where it counts', async () => {
    play((asked) => {
      says('Told.')(asked);
      const data = Buffer.from(JSON.stringify({ usage: { prompt_tokens: 1_234, completion_tokens: 56 } }));
      asked.progress.report(new asked.vscode.LanguageModelDataPart(data, 'application/vnd.stand-in.usage+json'));
      asked.progress.report(new asked.vscode.LanguageModelDataPart(Buffer.from('{'), 'stateful_marker'));
    });
    await run('Plot it.');
    assert.deepEqual(usageOf(session.branch), {
      input: 1_234,
      output: 56,
      cacheRead: 0,
      cacheWrite: 0,
      turns: 1,
      costUsd: null,
    });
    standIn.count(() => new Promise(() => undefined));
    play(says('Not counted.'));
    const began = Date.now();
    assert.equal((await run('Again.')).end.reason, 'done');
    assert.ok(Date.now() - began < 5_000, `${Date.now() - began} ms`);
    assert.equal(usageOf(session.branch).input, 1_234);
  });
});
