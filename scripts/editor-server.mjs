// Starts a real VS Code in the browser, with fresh folders, and a browser to drive it.
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureEditor } from './editor-install.mjs';
import { cleanEnvironment } from './process.mjs';

const SETTINGS = {
  'workbench.startupEditor': 'none',
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'workbench.enableExperiments': false,
  'chat.setupFromDialog': false,
};
/** What an installed extension consists of. */
const EXTENSION_PARTS = [
  'package.json',
  'extension.js',
  'mcp-server.js',
  'package.nls.json',
  'l10n',
  'dist',
  'media',
  'skills',
  'droids',
  'agents',
  'examples',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
];

/**
 * `extensions`: folders installed as they are. `settings`: user settings on top of ours. `env`: for the extension host.
 * Resolves to `{ port, url(folder), root, stop() }` when the server answers.
 */
export async function startEditor({
  extensions = [],
  settings = {},
  env = {},
  smokeTestDriver = false,
  port = 0,
} = {}) {
  const { node, serverMain } = await ensureEditor();
  const root = await mkdtemp(join(tmpdir(), 'ml-engineer-editor-'));
  const folders = { server: join(root, 'server'), user: join(root, 'user'), extensions: join(root, 'extensions') };
  await Promise.all([
    mkdir(join(folders.user, 'User'), { recursive: true }),
    mkdir(folders.extensions),
    mkdir(folders.server),
  ]);
  await writeFile(join(folders.user, 'User', 'settings.json'), JSON.stringify({ ...SETTINGS, ...settings }));
  await Promise.all(extensions.map((folder) => install(folder, folders.extensions)));
  const at = port || (await freePort());
  const args = [
    serverMain,
    '--host',
    '127.0.0.1',
    '--port',
    String(at),
    '--without-connection-token',
    '--accept-server-license-terms',
    '--telemetry-level',
    'off',
    '--server-data-dir',
    folders.server,
    '--user-data-dir',
    folders.user,
    '--extensions-dir',
    folders.extensions,
    ...(smokeTestDriver ? ['--enable-smoke-test-driver'] : []),
  ];
  // A group of its own: stopping it must take the extension host and its children along.
  const server = spawn(node, args, {
    env: cleanEnvironment({ XDG_STATE_HOME: join(root, 'state'), ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let log = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (data) => (log = (log + data).slice(-20_000)));
  const kill = () => end(server, 'SIGKILL');
  const stop = async () => {
    process.off('exit', kill);
    end(server, 'SIGTERM');
    await Promise.race([new Promise((resolve) => server.once('exit', resolve)), delay(3_000)]);
    kill();
    await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  process.once('exit', kill);
  await answers(at, server, () => log).catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    port: at,
    root,
    /** Of a folder, or of a `.code-workspace` file. */
    url: (path) =>
      `http://127.0.0.1:${at}/?${path.endsWith('.code-workspace') ? 'workspace' : 'folder'}=${encodeURI(path)}`,
    log: () => log,
    stop,
  };
}

function end(server, signal) {
  try {
    process.kill(-server.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

async function install(folder, into) {
  const { publisher, name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const target = join(into, `${publisher}.${name}-${version}`);
  for (const part of EXTENSION_PARTS) {
    await cp(join(folder, part), join(target, part), { recursive: true }).catch((error) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

async function answers(port, server, log) {
  for (let tries = 0; tries < 300; tries++) {
    if (server.exitCode !== null)
      throw new Error(`The editor's server ended with exit code ${server.exitCode}:\n${log()}`);
    const ready = await fetch(`http://127.0.0.1:${port}/version`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    await delay(100);
  }
  throw new Error(`The editor's server did not answer within 30 s:\n${log()}`);
}

export function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** A headless Chromium that asks nothing of the outside. */
export async function launchBrowser() {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
