import { appendFileSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { startAnthropicServer } from './anthropic-server';
import { scriptedTurn } from './anthropic/stream';

/**
 * The scripted server as a process: `node --import tsx anthropic-server-main.ts SCRIPT [--requests FILE]`.
 * SCRIPT is a JSON file, an array of turns or an object with `turns`. Prints one line, `{"url":...}`, once it listens.
 * FILE gets a JSON line for each request taken, and `{"path":...,"refusal":{...}}` for each refused.
 */
const scriptSchema = z.union([z.array(scriptedTurn), z.object({ turns: z.array(scriptedTurn) })]);

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { requests: { type: 'string' } } });
  const [file] = positionals;
  if (!file) throw new Error('Give the path of a script: a JSON array of turns.');
  const script = scriptSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const append = (line: object): void => {
    if (values.requests !== undefined) appendFileSync(values.requests, `${JSON.stringify(line)}\n`);
  };
  const server = await startAnthropicServer({
    turns: Array.isArray(script) ? script : script.turns,
    onRequest: append,
    onRefusal: ({ status, type, message }, path) => append({ path, refusal: { status, type, message } }),
  });
  process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
  console.log(JSON.stringify({ url: server.url }));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
