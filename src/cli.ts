import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArguments, USAGE, type Arguments } from './cli/arguments';
import { UsageError } from './cli/choices';
import { checkpoints } from './cli/checkpoints';
import { explain } from './cli/explain';
import { jobs } from './cli/jobs';
import { listing } from './cli/listing';
import { restoreFiles } from './cli/restore';
import { showTrash } from './cli/trash';
import { run, type RunWorld } from './cli/run';
import { runs } from './cli/runs';
import type { Streams } from './cli/output';
import { UserError } from './agent/tool';
import { version } from '../package.json';

const streams: Streams = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};
/** dist/cli.js lies one folder below the product's own. */
const places = { product: dirname(__dirname), home: homedir() };

/** Runs the command line and gives the exit code: 0 done, 1 failed, 2 usage, 3 limit, 4 refused call, 130 interrupted. */
async function main(argv: readonly string[]): Promise<number> {
  const given = read(argv);
  if (given instanceof UsageError) {
    streams.err(`${given.message}\n\n${USAGE}`);
    return 2;
  }
  switch (given.kind) {
    case 'help':
      streams.out(USAGE);
      return 0;
    case 'version':
      streams.out(`${version}\n`);
      return 0;
    case 'list':
      return listing({ ...given, cwd: resolve(given.cwd) }, places, streams);
    case 'explain':
      return explain({ ...given, cwd: resolve(given.cwd) }, world());
    case 'restore':
      return restoreFiles({ ...given, cwd: resolve(given.cwd) }, world());
    case 'trash':
      return showTrash({ ...given, cwd: resolve(given.cwd) }, world());
    case 'jobs':
      return jobs({ ...given, cwd: resolve(given.cwd) }, { ...world(), signal: interrupted() });
    case 'checkpoints':
      return checkpoints({ ...given, cwd: resolve(given.cwd) }, { ...world(), signal: interrupted() });
    case 'runs':
      return runs({ ...given, cwd: resolve(given.cwd) }, { ...world(), signal: interrupted() });
    case 'run': {
      return run(
        { ...given, cwd: resolve(given.cwd) },
        { ...world(), signal: interrupted(), terminal: terminal(given.prompt) },
      );
    }
  }
}

function interrupted(): AbortSignal {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  return stop.signal;
}

/** Keys are read only where a person types them: the prompt may come by the same way. */
function terminal(prompt: string): NonNullable<RunWorld['terminal']> {
  const { stdin, stderr } = process;
  return { err: streams.err, draws: stderr.isTTY, keys: prompt !== '-' && stdin.isTTY ? stdin : undefined };
}

function world(): Omit<RunWorld, 'signal'> {
  const configuration = process.env['XDG_CONFIG_HOME'] ?? join(places.home, '.config');
  return { places, streams, settings: join(configuration, 'ml-engineer', 'settings.json'), env: process.env };
}

function read(argv: readonly string[]): Arguments | UsageError {
  try {
    return parseArguments(argv);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    streams.err(
      `${error instanceof UserError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
    );
    process.exitCode = 1;
  },
);
