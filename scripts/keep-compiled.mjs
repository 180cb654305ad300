// Keeps beside each code file what V8 compiled of it, as far as one whole run of the command line uses it (src/compiled.ts).
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs dist/cli.js up to the answer to its first request, in a home of its own, and writes the `.v8` files into dist. */
export async function keepCompiled() {
  const home = await mkdtemp(join(tmpdir(), 'ml-engineer-build-'));
  // A refusal of the key: the run goes all the way there, and ends.
  const server = createServer((_, response) =>
    response.writeHead(401, { 'content-type': 'application/json' }).end('{}'),
  );
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${server.address().port}`;
  const env = { PATH: process.env.PATH, HOME: home, ANTHROPIC_API_KEY: 'none', ANTHROPIC_BASE_URL: address };
  const args = ['--require', join(project, 'scripts', 'write-compiled.cjs'), join(project, 'dist', 'cli.js'), 'hello'];
  try {
    await new Promise((resolve) => execFile(process.execPath, args, { cwd: home, env, timeout: 60_000 }, resolve));
  } finally {
    server.close();
    await rm(home, { recursive: true, force: true });
  }
}
