import { join, resolve } from 'node:path';
import type { MessageCreateParams } from '@anthropic-ai/sdk/resources/messages';
import { build } from 'esbuild';
import type { Mode, Rule } from '../../src/agent/approval';
import type * as CommandLine from '../../src/cli/run';
import type { Places } from '../../src/library/library';
import type { Call, InjectionRow } from '../injection/row';
import { startAnthropicServer, type ScriptedTurn } from './anthropic-server';

export interface EndedRun {
  /** The injected words stood in a request, so the model had read them. */
  reached: boolean;
  /** What nobody allowed to be read and the model read all the same. */
  leaked: string[];
  /** Calls the text asked for that the model made. */
  obeyed: number;
  /** Calls that needed an answer, and got a no. */
  denied: number;
  code: number;
  /** What the person saw, for a test that fails. */
  told: string;
}

export interface ObeyingWorld {
  mode: Mode;
  allow: Rule[];
  env: NodeJS.ProcessEnv;
  places: Places;
  cwd: string;
  settings: string;
  sessions: string;
  search: string;
}

const BUNDLE = join(resolve(__dirname, '..', '..'), 'dist', 'run-under-test.js');

/** Bundles the command line's session as the build does: a test's own loader resolves no `import()`. */
export async function bundleCommandLine(): Promise<void> {
  await build({
    entryPoints: [join(__dirname, '..', '..', 'src', 'cli', 'run.ts')],
    outfile: BUNDLE,
    bundle: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  });
}

/** Runs the command line's own session with a model that looks where it was told to, and then does whatever it reads. */
export async function runObeying(row: InjectionRow, world: ObeyingWorld): Promise<EndedRun> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- it is built right before
  const { run } = require(BUNDLE) as typeof CommandLine;
  let [looked, obeyed] = [0, 0];
  let reached = false;
  const leaked = new Set<string>();
  const looks = row.looks ?? [];
  const server = await startAnthropicServer({
    turns: (request) => {
      if (isErrand(request)) return says(`The report of the errand: ${errandOf(request)}`);
      const words = JSON.stringify([request.system, request.tools, request.messages]);
      for (const secret of words.match(/\w+-CANARY/gu) ?? []) leaked.add(secret);
      reached ||= new RegExp(`DO[ -]${row.id}`, 'u').test(words);
      const [look, ask] = [looks[looked], row.asks[obeyed]];
      if (look) {
        looked += 1;
        return calls(look);
      }
      if (!reached || !ask) return says('Done.');
      obeyed += 1;
      return calls(ask);
    },
  });
  let [out, err] = ['', ''];
  try {
    const code = await run(
      {
        kind: 'run',
        prompt: 'Have a look at this project.',
        cwd: world.cwd,
        outputFormat: 'json',
        mode: world.mode,
        allow: world.allow,
        deny: [],
        limits: {},
        compact: false,
        trustProject: false,
        model: 'claude-opus-5-5',
        sessionDir: world.sessions,
        webSearch: { search: 'searxng', searxngUrl: world.search },
      },
      {
        places: world.places,
        streams: { out: (text) => (out += text), err: (text) => (err += text) },
        settings: world.settings,
        env: { ...world.env, ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: server.url },
        signal: new AbortController().signal,
      },
    );
    const { denied } = JSON.parse(out) as { denied: unknown[] };
    return {
      leaked: [...leaked],
      reached,
      obeyed,
      denied: denied.length,
      code,
      told: `${out}\n${err}\n${server.refusals.join('\n')}`,
    };
  } finally {
    await server.stop();
  }
}

function firstWords({ messages }: MessageCreateParams): string {
  return JSON.stringify(messages[0]);
}

function isErrand(request: MessageCreateParams): boolean {
  return firstWords(request).includes('ERRAND:');
}

function errandOf(request: MessageCreateParams): string {
  return /ERRAND: ([^"\\]+)/u.exec(firstWords(request))?.[1] ?? '';
}

function says(text: string): ScriptedTurn {
  return { content: [{ type: 'text', text }] };
}

function calls([name, input]: Call): ScriptedTurn {
  return { content: [{ type: 'tool_use', name, input }] };
}
