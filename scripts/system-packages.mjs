// What only root can install. As root it is installed; otherwise the one line to type is printed.
import { access } from 'node:fs/promises';
import { has, must } from './process.mjs';

/** Each package with the program or file that shows it is there. */
const PACKAGES = [
  { name: 'chromium', program: 'chromium' },
  { name: 'libkrb5-dev', file: '/usr/include/gssapi/gssapi.h' },
  { name: 'python3', program: 'python3' },
  { name: 'python3-venv', python: 'ensurepip' },
  { name: 'git', program: 'git' },
  { name: 'make', program: 'make' },
  { name: 'g++', program: 'g++' },
  { name: 'ripgrep', program: 'rg' },
  // Tests start a cluster of their own; see test/support/slurm.ts.
  { name: 'munge', file: '/usr/sbin/munged' },
  { name: 'slurm-wlm', file: '/usr/sbin/slurmctld' },
];

async function isThere({ program, file, python }) {
  if (program) return has(program);
  if (python) return has(`python3 && python3 -c 'import ${python}'`);
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Makes sure that the system's packages are there. Throws with the line to type where it may not install them. */
export async function ensureSystemPackages(names = PACKAGES.map(({ name }) => name)) {
  const wanted = PACKAGES.filter(({ name }) => names.includes(name));
  const there = await Promise.all(wanted.map(isThere));
  const missing = wanted.filter((_, index) => !there[index]).map(({ name }) => name);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !(await has('apt-get'))) {
    throw new Error(
      `These are missing: ${missing.join(', ')}. Type:\n\n  sudo apt-get update && sudo apt-get install -y ${missing.join(' ')}\n`,
    );
  }
  console.log(`Installing ${missing.join(', ')} ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await must('apt-get', ['update', '-qq'], { env });
  await must('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
