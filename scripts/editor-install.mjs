// A real VS Code where no desktop build can be downloaded: npm's code-server carries the whole server and workbench.
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { cleanEnvironment, must } from './process.mjs';

const CODE_SERVER = '4.139.1';
/** code-server wants Node 24 to install and to run; npm's package `node` ships the binary. */
const NODE = '24';

function placesIn(dir) {
  return {
    dir,
    node: join(dir, 'node_modules', 'node', 'bin', 'node'),
    serverMain: join(dir, 'node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js'),
  };
}

/** Installs the editor once into a cache folder outside the project; resolves to `{ dir, node, serverMain }`. */
export async function ensureEditor() {
  const cache = process.env.ML_ENGINEER_CACHE ?? join(homedir(), '.cache', 'ml-engineer');
  const dir = join(cache, `editor-${CODE_SERVER}`);
  const places = placesIn(dir);
  if (await exists(join(dir, 'complete'))) return places;
  console.log(`Installing VS Code (code-server ${CODE_SERVER}) into ${dir}; this takes about two minutes, once ...`);
  await mkdir(cache, { recursive: true });
  // Installed beside and renamed whole, so that a half-installed editor is never used, nor one by two at once.
  const temporary = await mkdtemp(join(cache, 'installing-'));
  try {
    const manifest = { name: 'editor', private: true, allowScripts: { node: true, 'code-server': true } };
    await writeFile(join(temporary, 'package.json'), JSON.stringify(manifest));
    const env = cleanEnvironment();
    const npm = (name, more = {}) =>
      must('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', name], {
        cwd: temporary,
        env: { ...env, ...more },
      });
    await npm(`node@${NODE}`);
    const bin = join(temporary, 'node_modules', 'node', 'bin');
    await npm(`code-server@${CODE_SERVER}`, { PATH: `${bin}${delimiter}${env.PATH}` });
    await writeFile(join(temporary, 'complete'), '');
    await rename(temporary, dir).catch(async (error) => {
      if (!(await exists(join(dir, 'complete')))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return places;
}

async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}
