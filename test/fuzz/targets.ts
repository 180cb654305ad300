import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stream } from '@anthropic-ai/sdk/streaming';
import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { branchTo, formatEntry, parseJournal } from '../../src/agent/journal';
import { ModelError } from '../../src/agent/model';
import { parseProjectSettings } from '../../src/agent/project-settings';
import { COMMAND_CLASSES, ToolError, type Dialect } from '../../src/agent/tool';
import { claimsOfAnswer, SourceShelf } from '../../src/evidence/answer';
import { parseDroid } from '../../src/library/droids';
import { parseFrontmatter } from '../../src/library/frontmatter';
import { skillBody } from '../../src/library/skill-text';
import { modelErrorOf } from '../../src/models/errors';
import { readStream } from '../../src/models/message-stream';
import { diffImages } from '../../src/panel/hunks';
import { toHostSchema, toPageSchema } from '../../src/panel/protocol';
import { classifyLine } from '../../src/shell/classify';
import { grammarOf, type Grammar } from '../../src/shell/grammar';
import { namesIn } from '../../src/shell/names';
import { CsvReader } from '../../src/metrics/csv';
import { EventReader } from '../../src/metrics/events';
import { LogReader } from '../../src/metrics/log-reader';
import { cleanOutput } from '../../src/text/command-output';
import { CELL_TYPES, changeNotebook } from '../../src/text/notebook-change';
import { parseNotebook } from '../../src/text/notebook';
import { notebookView } from '../../src/text/notebook-view';
import { SafeMarkdown, safeMarkdown } from '../../src/text/safe-markdown';
import { maskSecrets } from '../../src/text/secrets';
import { TerminalFilter } from '../../src/text/terminal-filter';
import { replaceText } from '../../src/tools/shared-replace';
import { TOOL_NAMES } from '../../src/tools/index';
import { pageToMarkdown } from '../../src/web/page';
import { frame, scalarRecord, versionRecord } from '../support/event-file';
import { mixedLog } from '../support/logs';
import { mutated, type Random } from './random';

/** A parser, what it is given, and what must hold of what it gives. */
export interface FuzzTarget {
  name: string;
  /** How many inputs the tests try; the longer run goes by time. */
  count: number;
  make: (random: Random) => string;
  /** Throws for a fault. */
  check: (input: string, random: Random) => void | Promise<void>;
}

const PROJECT = join(__dirname, '..', '..');
const fixture = (name: string): string => readFileSync(join(PROJECT, 'test', 'fixtures', name), 'utf8');

const NUMBERS = [
  '0.5',
  '1,000',
  ' %',
  ' of ',
  '±',
  'e-4',
  '|',
  '\n',
  '. ',
  '**',
  '`',
  'not ',
  '数',
  '1 840',
  ' ms',
  'if ',
];

const markdown = [
  ...readdirSync(join(PROJECT, 'droids')).map((name) => readFileSync(join(PROJECT, 'droids', name), 'utf8')),
  ...readdirSync(join(PROJECT, 'skills')).map((name) =>
    readFileSync(join(PROJECT, 'skills', name, 'SKILL.md'), 'utf8').slice(0, 3_000),
  ),
  '---\nname: x\ntools: [Read, "Edit"]\ndescription: |\n  a\n  b\nhooks:\n  - a: b\n---\nBody',
];
const YAML = [
  '---\n',
  '---',
  '\n',
  'name: ',
  'tools:',
  '- a\n',
  '[',
  ']',
  '{',
  '}',
  '&a ',
  '*a',
  '!!js/function ',
  '|\n',
  '>-\n',
  ': ',
  '"',
  "'",
  '#',
  '? ',
  '<<: *a\n',
  '  ',
  '\t',
  '!!binary ',
  'a: &b [*b]\n',
  '---js\n',
  '%YAML 1.2\n',
  '1e999',
  '__proto__: ',
];

const where = { source: 'project' as const, path: '/w/x.md' };

const entries = [
  { id: 'a', parent: null, at: '2026-01-01T00:00:00Z', event: { type: 'prompt', text: 'hi' } },
  { id: 'b', parent: 'a', at: '2026-01-01T00:00:01Z', event: { type: 'block', block: { type: 'text', text: 'x' } } },
];
const JSON_PIECES = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  'null',
  '1e9',
  '-0',
  '"id":"a"',
  '"parent":null',
  '"parent":"b"',
  '"event":{"type":"x"}',
  '"__proto__":{"a":1}',
  '\n',
  '{"id":"b","parent":"b","at":"x","event":{"type":"y"}}\n',
  '\\u0000',
  '\\ud800',
];

const message = {
  id: 'm',
  type: 'message',
  role: 'assistant',
  model: 'x',
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
};
const sse = (events: readonly object[]): string =>
  events.map((event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
const streams = [
  sse([
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 't', name: 'Read', input: {} } },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"file_path":"a"}' } },
    { type: 'content_block_stop', index: 1 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 9 } },
    { type: 'message_stop' },
  ]),
  sse([
    { type: 'message_start', message },
    { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
  ]),
];
const SSE_PIECES = [
  'event: ',
  'data: ',
  '\n\n',
  '\n',
  '\r\n',
  ': ping\n',
  'id: 1\n',
  'retry: 1\n',
  'event: message_start\ndata: {"type":"message_start"}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":0}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0}\n\n',
  'event: message_delta\ndata: {"type":"message_delta"}\n\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  'event: content_block_start\ndata: null\n\n',
  'event: message_start\ndata: 1\n\n',
  '"index":0',
  'null',
  '{}',
  '[]',
];

const panel = [
  '{"type":"ready"}',
  '{"type":"openDiff","path":"/w/a"}',
  '{"type":"answer","id":"x","choice":"once"}',
  '{"type":"state","state":{"title":"x","status":{"kind":"done","detail":""},"questions":[],"waiting":[],"agents":[],"todos":[],"skills":[],"files":[],"moreFiles":0,"labels":{}}}',
];

const lines = (name: string): string[] => (JSON.parse(fixture(name)) as { line: string }[]).map(({ line }) => line);
const SHELL = [
  ' ',
  ';',
  '|',
  '&&',
  '||',
  '&',
  '(',
  ')',
  '{',
  '}',
  '$(',
  '`',
  '"',
  "'",
  '\\',
  '<<E\n',
  'E\n',
  '<',
  '>',
  '>>',
  '2>&1',
  '$x',
  '${x',
  '}',
  '*',
  '[',
  ']',
  '!',
  '#',
  '\n',
  'if ',
  'then ',
  'fi',
  'for x in ',
  'do ',
  'done',
  'case x in ',
  'esac',
  'rm -rf ',
  'sudo ',
  'sh -c ',
  'eval ',
  'xargs ',
  'env ',
  'find . -exec ',
  '$((',
  '))',
  '[[',
  ']]',
  'function f(',
  '=',
  "$'",
  '<(',
  '<<<',
  'a=',
];
const POWERSHELL = [
  ' ',
  ';',
  '|',
  '&',
  '(',
  ')',
  '{',
  '}',
  '$(',
  '@(',
  '@{',
  '`',
  '"',
  "'",
  '$x',
  '[',
  ']',
  '::',
  '-',
  '>',
  '2>&1',
  'Get-Content ',
  'Remove-Item ',
  'iex ',
  '& {',
  '%{',
  '?{',
  '@"\n',
  '\n"@',
  '#',
  '<#',
  '#>',
  '--%',
  ',',
  '..',
  '=',
  '-eq ',
  'foreach ($x in ',
  'if (',
  '$env:',
  '[Type]',
  '.',
];

const notebooks = [
  JSON.stringify(
    {
      cells: [
        {
          id: 'a',
          cell_type: 'code',
          source: ['x\n', 'y'],
          metadata: {},
          outputs: [
            { output_type: 'stream', name: 'stdout', text: 'hi' },
            { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['\u001b[31mx'] },
            { output_type: 'display_data', data: { 'image/png': 'iVBORw0KGgo=', 'text/plain': ['a'] }, metadata: {} },
          ],
          execution_count: 1,
        },
        { id: 'b', cell_type: 'markdown', source: '# x', metadata: {} },
      ],
      metadata: {},
      nbformat: 4,
      nbformat_minor: 5,
    },
    null,
    1,
  ),
  '{"cells":[],"nbformat":4}',
];
const NOTEBOOK = [
  ...JSON_PIECES,
  '"cells":[',
  '"source":',
  '"outputs":[',
  '"cells":[{}]',
  '"nbformat":4',
  '"id":"a"',
  '"text":',
  '"data":{"text/html":"<b>"}',
  '"cell_type":"code"',
];

const HTML = [
  '<',
  '>',
  '</',
  '/>',
  '<div>',
  '</div>',
  '<p>',
  '<a href="',
  '"',
  "'",
  '<table><tr><td>',
  '<!--',
  '-->',
  '<![CDATA[',
  '<script>',
  '</script>',
  '&amp;',
  '&#x',
  ';',
  '<svg><style>',
  '<pre><code>',
  '<ul><li>',
  '<img src=x alt="',
  '<template>',
  '<html',
  '<body>',
  '<br>',
  '<h1>',
];
const MARKDOWN = [
  '[',
  ']',
  '(',
  ')',
  '![',
  '](',
  '<',
  '>',
  '`',
  '```',
  '~~~',
  '\n',
  'command:',
  'vscode:',
  'https://a',
  '&#99;',
  '\\',
  ' ',
  ']: ',
  'data:',
  '<command:',
  '//',
];
const ESCAPES = [
  '\u001b[',
  '\u001b]',
  '\u0007',
  '\u001b\\',
  '\r',
  '\b',
  '\n',
  '31m',
  '52;c;',
  '633;E;',
  '2K',
  ';',
  '1A',
  '\u009b',
  '\u009d',
  '\u001bP',
  '\u001bc',
  'x',
  '?1049h',
  '8;;command:x',
];
const SECRETS = [
  'sk-ant-api03-',
  'AKIA',
  'ghp_',
  '-----BEGIN PRIVATE KEY-----\n',
  '-----END PRIVATE KEY-----',
  'hf_',
  'password=',
  'eyJ',
  '.',
  'A'.repeat(40),
  'a1B2'.repeat(12),
  '=',
  '"',
  ' ',
  '\n',
  'https://a:b@',
  'xoxb-',
  '{"private_key": "',
];

/** `most`: characters of most inputs, since PowerShell's grammar is slow on what is no command. */
function shell(dialect: Dialect, file: string, pieces: readonly string[], most: number): FuzzTarget {
  const texts = lines(file);
  let loaded: Grammar | undefined;
  return {
    name: dialect,
    count: dialect === 'powershell' ? 150 : 300,
    make: (random) => mutated(random, texts, pieces).slice(0, random.chance(0.05) ? 8_000 : most),
    async check(input) {
      loaded ??= await grammarOf(dialect);
      const parts = classifyLine(input, loaded, { cwd: '/w', folders: ['/w'] });
      assert.ok(parts.every((part) => part.text !== '' && part.reason !== '' && COMMAND_CLASSES.includes(part.class)));
      assert.equal(parts.length === 0, input.trim() === '', 'a line without a part would be harmless');
      namesIn(input, loaded);
    },
  };
}

const LOG_PIECES = [
  ...[
    'loss',
    '=',
    ': ',
    '0.5',
    'nan',
    '-inf',
    '1,234',
    'epoch ',
    '3/10',
    '\r',
    '\b',
    '\n',
    '\t',
    '  ',
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '%|',
    '|',
  ],
  ...[
    '"',
    "'",
    ',',
    '\u001b[1m',
    '[10]\t',
    'validation_0-auc:',
    ' - ',
    '━',
    'tensor(',
    'step',
    '1e-5',
    '2.1.0',
    '│',
    'it [00:01, ',
  ],
];
const EVENTS = [
  Buffer.concat([
    versionRecord(1e12),
    scalarRecord({ tag: 'a/loss', value: 0.5, step: 1, time: 1e12 }),
    scalarRecord({ tag: 'b', value: 2, step: 300, time: 1e12 }, 'content'),
  ]).toString('latin1'),
  scalarRecord({ tag: 'c', value: 1, step: 2, time: 1e12 }, 'float_val').toString('latin1'),
];

export const TARGETS: readonly FuzzTarget[] = [
  {
    name: 'frontmatter',
    count: 300,
    make: (random) => mutated(random, markdown, YAML),
    check(input) {
      const parsed = parseFrontmatter(input);
      assert.equal(typeof parsed.body, 'string');
      const droid = parseDroid(input, 'x', where);
      assert.match(droid.name, /^[a-z0-9_-]+$/u);
      assert.ok(!parsed.unread || droid.tools?.length === 0, 'what could not be read grants no tool');
      skillBody({ text: parsed.body, folder: '/w', files: [], allowedTools: undefined } as never, input.slice(0, 50));
      assert.equal(({} as Record<string, unknown>)['a'], undefined, 'nothing is put into every object');
    },
  },
  {
    name: 'settings',
    count: 300,
    make: (random) =>
      mutated(
        random,
        ['{"permissions":{"allow":["Execute(*)"],"deny":["Read(a)"]},"env":{"A":"b"}}', ...panel],
        [...JSON_PIECES, '//', '/*', '"allow":["Execute"]', '"deny":', '"env":'],
      ),
    check(input) {
      const { problems } = parseProjectSettings(input, 'x', TOOL_NAMES);
      assert.ok(problems.every((problem) => typeof problem === 'string'));
    },
  },
  {
    name: 'journal',
    count: 400,
    make: (random) => mutated(random, [entries.map((entry) => formatEntry(entry as never)).join('')], JSON_PIECES),
    check(input) {
      const { entries: read, damaged } = parseJournal(input);
      const nonEmpty = input.split('\n').filter((line) => line.trim() !== '').length;
      assert.equal(read.length + damaged.length, nonEmpty, 'each line is read or told of');
      for (const { id } of read.slice(-3)) assert.ok(branchTo(read, id).length > 0);
      assert.deepEqual(parseJournal(read.map(formatEntry).join('')).entries, read, 'what was read is read again');
    },
  },
  {
    name: 'stream',
    count: 300,
    make: (random) => mutated(random, streams, SSE_PIECES),
    async check(input, random) {
      const bytes = Buffer.from(input);
      const cut = random.below(bytes.length + 1);
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(bytes.subarray(0, cut));
          controller.enqueue(bytes.subarray(cut));
          controller.close();
        },
      });
      let ended = false;
      try {
        const events = Stream.fromSSEResponse<RawMessageStreamEvent>(new Response(body), new AbortController());
        for await (const event of readStream(events, 'asked')) ended = event.type === 'turn-end';
        assert.ok(ended, 'what ends without an error has said that it ends');
      } catch (error) {
        if (error instanceof TypeError || error instanceof assert.AssertionError) throw error;
        assert.ok(modelErrorOf(error, { kind: 'apiKey', value: 'k', source: 'a test' }, 'm') instanceof ModelError);
      }
    },
  },
  {
    name: 'panel',
    count: 800,
    make: (random) => mutated(random, panel, [...JSON_PIECES, '"type":"answer"', '"choice":"always"', '"path":']),
    check(input) {
      let given: unknown = input;
      try {
        given = JSON.parse(input);
      } catch {
        // A page may post a text as well.
      }
      for (const schema of [toHostSchema, toPageSchema]) {
        const parsed = schema.safeParse(given);
        if (parsed.success) assert.equal(typeof parsed.data.type, 'string');
      }
    },
  },
  shell('bash', 'commands.json', SHELL, 800),
  shell('powershell', 'powershell-commands.json', POWERSHELL, 160),
  {
    name: 'notebook',
    count: 300,
    make: (random) => mutated(random, notebooks, NOTEBOOK),
    check(input, random) {
      const notebook = parseNotebook(input);
      if ('problem' in notebook) return;
      notebookView(notebook);
      for (const { range, fields } of notebook.cells)
        if (Object.keys(fields).length > 0) assert.deepEqual(JSON.parse(input.slice(range.start, range.end)), fields);
      const after = random.below(notebook.cells.length + 1);
      const changed = changeNotebook(notebook, {
        mode: 'insert',
        index: after,
        type: random.of(CELL_TYPES),
        source: 'x\ny',
      });
      const again = parseNotebook(changed);
      assert.ok(!('problem' in again), 'a changed notebook is still one');
      assert.equal(again.cells.length, notebook.cells.length + 1);
    },
  },
  {
    name: 'edits',
    count: 400,
    make: (random) =>
      mutated(
        random,
        [fixture('system-prompt.txt'), 'a\r\n\tb  \nc\n', markdown[0] ?? ''],
        ['\n', '\r\n', ' ', '\t', 'a', 'ab', 'a\n', '  x = 1\n'],
      ).slice(0, 20_000),
    check(input, random) {
      const at = random.below(input.length);
      const old_str = random.chance(0.5)
        ? input.slice(at, at + 1 + random.below(200))
        : mutated(random, [input.slice(at, at + 300)], ['\n', ' ', 'x']).slice(0, 5_000);
      if (old_str === '') return;
      try {
        const text = replaceText(
          { name: 'x', text: input },
          { old_str, new_str: '$& $1', change_all: random.chance(0.5) },
        );
        assert.notEqual(text, input);
        diffImages(Buffer.from(input), Buffer.from(text));
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
      }
    },
  },
  {
    name: 'page',
    count: 60,
    make: (random) =>
      mutated(
        random,
        [
          '<html><head><title>x</title></head><body><article><h1>T</h1><p>Some <b>words</b> &amp; a <a href="https://a">link</a></p><pre><code>x</code></pre></article></body></html>',
        ],
        HTML,
      ).slice(0, 20_000),
    check(input) {
      assert.equal(typeof pageToMarkdown(input).markdown, 'string');
    },
  },
  {
    name: 'markdown',
    count: 500,
    make: (random) =>
      mutated(
        random,
        [
          'See [x](https://a.example) and ![y](https://b/c.png) `[z](command:a)`',
          '[a]: vscode://b\n\n```\n[c](command:d)\n```',
        ],
        MARKDOWN,
      ),
    check(input, random) {
      const whole = safeMarkdown(input);
      assert.doesNotMatch(whole, /\]\([\s<]*(?:command|vscode|file|data):/iu);
      assert.doesNotMatch(whole, /<(?:command|vscode|file|data):/iu);
      const stream = new SafeMarkdown();
      const cut = random.below(input.length + 1);
      assert.equal(stream.push(input.slice(0, cut)) + stream.push(input.slice(cut)) + stream.end(), whole);
    },
  },
  {
    name: 'output',
    count: 400,
    make: (random) => mutated(random, ['10%\r20%\r\u001b[31mred\u001b[0m\n', '\u001b]52;c;YQ==\u0007x'], ESCAPES),
    check(input, random) {
      assert.doesNotMatch(cleanOutput(input), /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u0080-\u009f]/u);
      const filter = new TerminalFilter();
      const cut = random.below(input.length + 1);
      assert.doesNotMatch(
        filter.write(input.slice(0, cut)) + filter.write(input.slice(cut)),
        /[\u001b\u009b]\]|\u009d|\u001b[P^_Xc]/u,
      );
    },
  },
  {
    name: 'evidence',
    count: 25,
    make: (random) =>
      mutated(
        random,
        [
          'The test AUC is 0.814 (±0.01), 3.2 points more than before; all 12 tests pass in 4.1 s.',
          '| model | F1 |\n|---|---|\n| a | 0.91 |\n- trained for 20 epochs\n> 0.99 said the paper',
          'Die Genauigkeit beträgt 91,4 %. 准确率为 93.3%，训练了 30 轮。',
        ],
        NUMBERS,
      ).slice(0, 5_000),
    check(input, random) {
      const run = { id: 'a', kind: 'run' as const, title: 'python train.py', failed: false, at: 1, changedSince: [] };
      const lines = input.slice(random.below(input.length + 1)).split('\n');
      const index = new SourceShelf().index([{ ...run, lines, inputs: [] }]);
      for (const { text, start, end, evidence } of claimsOfAnswer(input, index)) {
        assert.equal(input.slice(start, end), text);
        assert.ok(evidence === null || lines[evidence.line - 1] !== undefined, 'a line that is there');
      }
    },
  },
  {
    name: 'secrets',
    count: 300,
    make: (random) =>
      mutated(
        random,
        ['key = "sk-ant-api03-' + 'a1B2'.repeat(22) + '"', 'AWS_SECRET_ACCESS_KEY=' + 'aB1/'.repeat(10)],
        SECRETS,
      ),
    check(input) {
      const { text } = maskSecrets(input, ['known-secret-value-1']);
      assert.equal(maskSecrets(text).text, text, 'what is masked stays as it is');
    },
  },
  {
    name: 'log',
    count: 150,
    make: (random) => mutated(random, [mixedLog(random, 30)], LOG_PIECES).slice(0, 30_000),
    check(input, random) {
      const read = (pieces: readonly string[]): unknown[] => {
        const found: unknown[] = [];
        const reader = new LogReader({ metric: (metric) => found.push(metric) });
        for (const piece of [...pieces, '\n']) reader.read(piece, 0);
        return found;
      };
      const cut = random.below(input.length + 1);
      assert.deepEqual(read([input.slice(0, cut), input.slice(cut)]), read([input]));
    },
  },
  {
    name: 'table of metrics',
    count: 300,
    make: (random) =>
      mutated(
        random,
        ['epoch,loss,"a, b"\n0,0.5,\n1,nan,"x"\n'],
        [',', '"', '""', '\n', '\r\n', 'epoch', '1e5', 'inf'],
      ),
    check(input) {
      new CsvReader('x', ({ value }) => assert.equal(typeof value, 'number')).read(`${input}\n`, 0);
    },
  },
  {
    name: 'event file',
    count: 300,
    make: (random) => mutated(random, EVENTS, EVENTS),
    check(input, random) {
      const bytes = Buffer.from(input, 'latin1');
      const read = (...pieces: Buffer[]): unknown[] => {
        const found: unknown[] = [];
        const reader = new EventReader('x', (metric) => found.push(metric));
        for (const piece of [...pieces, frame(bytes.subarray(0, 2_000))]) reader.read(piece);
        return found;
      };
      const cut = random.below(bytes.length + 1);
      assert.deepEqual(read(bytes.subarray(0, cut), bytes.subarray(cut)), read(bytes));
    },
  },
];
