import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPython } from '../../../src/host/environment';

describe('the interpreter of a folder', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-interpreter-')));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** An installation whose program, when it is started, says so in a file. */
  async function install(version: string, name = 'python3.11'): Promise<string> {
    const path = join(folder, 'base', 'bin', name);
    await mkdir(join(folder, 'base', 'bin'), { recursive: true });
    await writeFile(path, `#!/bin/sh\ntouch ${join(folder, 'started')}\necho Python ${version}\n`);
    await chmod(path, 0o755);
    return path;
  }
  async function header(version: string, name = 'python3.11'): Promise<void> {
    const include = join(folder, 'base', 'include', name);
    await mkdir(include, { recursive: true });
    await writeFile(
      join(include, 'patchlevel.h'),
      `#define PY_MICRO_VERSION 7\n#define PY_VERSION      "${version}"\n`,
    );
  }
  async function venv(target: string): Promise<string> {
    const bin = join(folder, '.venv', 'bin');
    await mkdir(bin, { recursive: true });
    await symlink(target, join(bin, 'python3'));
    return join(bin, 'python3');
  }
  const wasStarted = (): Promise<boolean> => realpath(join(folder, 'started')).then(Boolean, () => false);

  it('has the version that its headers name, and is not started for that', async () => {
    const path = await venv(await install('3.11.9'));
    await header('3.11.7');
    assert.deepEqual(await findPython(folder, { PATH: '' }), { path, version: '3.11.7' });
    assert.equal(await wasStarted(), false);
  });

  it('is asked where there are no headers, other ones, or where it is a shim', async () => {
    for (const [name, headers] of [
      ['python3.11', undefined],
      ['python3.11', 'python3.10'],
      ['python3', 'python3'],
    ] as const) {
      const path = await venv(await install('3.11.9', name));
      if (headers) await header('3.0.0', headers);
      assert.deepEqual(await findPython(folder, { PATH: '' }), { path, version: '3.11.9' });
      assert.equal(await wasStarted(), true);
      for (const made of ['base', '.venv', 'started']) await rm(join(folder, made), { recursive: true });
    }
  });

  it('behind a shim of pyenv is the one that its files name, and the shim is not started', async () => {
    const root = join(folder, 'pyenv');
    const shim = join(root, 'shims', 'python3');
    await mkdir(join(root, 'shims'), { recursive: true });
    await writeFile(shim, `#!/bin/sh\ntouch ${join(folder, 'started')}\necho Python 3.0.0\n`);
    await chmod(shim, 0o755);
    const real = await install('3.11.9', 'python3');
    const bin = join(root, 'versions', '3.11.9', 'bin');
    await mkdir(bin, { recursive: true });
    await symlink(real, join(bin, 'python3'));
    const repository = join(folder, 'work', 'repository');
    await mkdir(repository, { recursive: true });
    const find = (): ReturnType<typeof findPython> => findPython(repository, { PATH: join(root, 'shims') });
    await writeFile(join(root, 'version'), '3.11.9\n');
    assert.deepEqual(await find(), { path: join(bin, 'python3'), version: '3.11.9' });
    await rm(join(folder, 'started'));
    await writeFile(join(folder, 'work', '.python-version'), '3.99.0\n');
    assert.deepEqual(await find(), { path: shim, version: '3.0.0' });
    await writeFile(join(repository, '.python-version'), '3.11.9\n');
    assert.equal((await find())?.path, join(bin, 'python3'));
  });

  it('is the next one where the first is a launcher with nothing behind it', async () => {
    await venv(await install('was not found; run it from the store', 'python3'));
    const other = join(folder, 'other');
    await mkdir(other);
    await writeFile(join(other, 'python3'), '#!/bin/sh\necho Python 3.9.1\n');
    await chmod(join(other, 'python3'), 0o755);
    assert.deepEqual(await findPython(folder, { PATH: other }), { path: join(other, 'python3'), version: '3.9.1' });
  });
});
