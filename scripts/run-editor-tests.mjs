// Runs the bundled mocha tests in a real extension host: a desktop VS Code where one can be had, else the one in the browser.
// `--grep TEXT` runs those whose names hold the text.
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freePort, launchBrowser, startEditor } from './editor-server.mjs';
import { cleanEnvironment } from './process.mjs';

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const tests = join(project, 'dist', 'test', 'editor');
/** Stand-ins for extensions of others that cannot be had here. */
const standIns = join(project, 'test', 'fixtures', 'extensions');
const LIMIT_MS = 300_000;
const { values: options } = parseArgs({ options: { grep: { type: 'string', default: '' } } });

const extensions = (await readdir(standIns)).map((name) => join(standIns, name));
const home = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-tests-')));
const workspace = join(home, 'churn');
const proxyPort = await freePort();
const testVariables = {
  ML_ENGINEER_EDITOR_TESTS: '1',
  ML_ENGINEER_EDITOR_TESTS_GREP: options.grep,
  // What is spent here is no money of whoever runs the tests.
  XDG_STATE_HOME: join(home, 'state'),
  // Read when the extension host starts; a test starts the proxy. Addresses of this machine are reached without it.
  ML_ENGINEER_EDITOR_TESTS_PROXY: String(proxyPort),
  HTTPS_PROXY: `http://127.0.0.1:${proxyPort}`,
  NO_PROXY: 'direct.test',
  SSL_CERT_FILE: join(project, 'test', 'fixtures', 'tls', 'ca.pem'),
};
await cp(join(project, 'examples', 'churn'), workspace, { recursive: true });
// To a workspace with a file of its own folders can be added without a restart.
const workspaceFile = join(home, 'churn.code-workspace');
await writeFile(workspaceFile, JSON.stringify({ folders: [{ path: 'churn' }] }));
try {
  await ((await wantsDesktop()) ? runOnDesktop() : runInBrowser());
  const results = JSON.parse(await readFile(join(tests, 'results.json'), 'utf8'));
  const { log: _, ...counts } = results;
  await mkdir(join(project, 'dist', 'results'), { recursive: true });
  await writeFile(join(project, 'dist', 'results', 'editor.json'), JSON.stringify(counts));
  console.log(await readFile(results.log, 'utf8'));
  console.log(`editor: ${results.passed} passed, ${results.failed} failed, ${results.pending} pending`);
  const ran = results.passed + results.failed + results.pending;
  if (ran < results.total || results.total === 0) throw new Error(`Only ${ran} of ${results.total} editor tests ran.`);
  process.exitCode = results.failed === 0 ? 0 : 1;
} finally {
  await rm(home, { recursive: true, force: true });
}

/** A download that does not answer within five seconds is one that is refused. */
async function wantsDesktop() {
  const wish = process.env.ML_ENGINEER_EDITOR;
  if (wish) return wish === 'desktop';
  if (process.env.VSCODE_EXECUTABLE) return true;
  return fetch('https://update.code.visualstudio.com/api/releases/stable', { signal: AbortSignal.timeout(5_000) }).then(
    (response) => response.ok,
    () => false,
  );
}

async function runOnDesktop() {
  const { runTests } = await import('@vscode/test-electron');
  await runTests({
    ...(process.env.VSCODE_EXECUTABLE ? { vscodeExecutablePath: process.env.VSCODE_EXECUTABLE } : {}),
    extensionDevelopmentPath: [project, ...extensions],
    extensionTestsPath: join(tests, 'index.js'),
    launchArgs: [workspaceFile, '--disable-workspace-trust', '--skip-welcome'],
    extensionTestsEnv: {
      ...Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined])),
      ...cleanEnvironment(testVariables),
    },
  });
}

async function runInBrowser() {
  const editor = await startEditor({ extensions, smokeTestDriver: true, env: testVariables });
  const browser = await launchBrowser();
  try {
    const remote = (path) => `vscode-remote://127.0.0.1:${editor.port}${path}`;
    const payload = [
      ['extensionDevelopmentPath', remote(project)],
      ['extensionTestsPath', remote(join(tests, 'index'))],
      ['skipWelcome', 'true'],
    ];
    const page = await browser.newPage();
    const ended = new Promise((resolve, reject) => {
      setTimeout(
        () => reject(new Error(`The editor's tests did not end within ${LIMIT_MS / 1000} s.\n${editor.log()}`)),
        LIMIT_MS,
      ).unref();
      // The workbench's own console is noise unless the tests never end.
      page.exposeFunction('codeAutomationLog', () => undefined);
      page.exposeFunction('codeAutomationExit', (code) => resolve(code));
    });
    await page.goto(`${editor.url(workspaceFile)}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
    await ended;
  } finally {
    await browser.close();
    await editor.stop();
  }
}
