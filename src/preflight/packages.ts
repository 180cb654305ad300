import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Python } from '../host/environment';
import { installed, lockOf } from '../jobs/facts';
import type { Package } from './report';

/** What a training run mostly stands on: named where it is installed, though no file asks for it. */
const MAIN = new Set(
  (
    'torch torchvision tensorflow keras jax flax lightning pytorch-lightning transformers accelerate datasets ' +
    'numpy scipy pandas polars scikit-learn xgboost lightgbm catboost'
  ).split(' '),
);
const MAX_REQUIREMENTS_BYTES = 200_000;
const MAX_PACKAGES = 60;
/** `name[extra] == 1.2 ; marker  # why` (PEP 508), without those that are addresses. */
const REQUIREMENT = /^(?<name>[A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?<version>[^;#@]*)/u;

export interface Packages {
  packages: Package[];
  /** The lock file that says all versions. */
  lock?: string;
}

/** The main packages of an interpreter and what the project asks of them. Nothing is started. */
export async function packagesOf(folders: readonly string[], python: Python | undefined): Promise<Packages> {
  const { lock } = await lockOf(folders, python);
  const list = (python && (await installed(python))) ?? '';
  const versions = new Map(
    list.split('\n').flatMap((line) => {
      const [name = '', version = ''] = line.split('==');
      return name === '' ? [] : [[normal(name), version] as const];
    }),
  );
  const asked = await requirements(folders);
  const names = [...new Set([...asked.keys(), ...[...MAIN].filter((name) => versions.has(name))])].sort();
  const packages = names.slice(0, MAX_PACKAGES).map((name): Package => {
    const version = versions.get(name);
    return { name, ...(version === undefined ? {} : { installed: version }), ...asked.get(name) };
  });
  const isFile = lock !== undefined && !['snapshot', 'requirements'].includes(lock.kind);
  return { packages, ...(isFile ? { lock: lock.kind } : {}) };
}

/** What is not as the project asks for it, in words. Pure; nothing where no package at all could be seen. */
export function packageFaults(packages: readonly Package[]): string[] {
  if (!packages.some(({ installed: version }) => version !== undefined)) return [];
  return packages.flatMap(({ name, installed: version, pinned, by }) => {
    if (by !== undefined && version === undefined) return [`${by} asks for ${name}, which is not installed`];
    if (pinned === undefined || version === pinned) return [];
    return [`${by} pins ${name} to ${pinned}, and ${version} is installed`];
  });
}

async function requirements(folders: readonly string[]): Promise<Map<string, Pick<Package, 'by' | 'pinned'>>> {
  const found = new Map<string, Pick<Package, 'by' | 'pinned'>>();
  for (const folder of new Set(folders)) {
    const files = (await readdir(folder).catch(() => [])).filter((name) => /^requirements[\w.-]*\.txt$/u.test(name));
    for (const file of files.sort()) {
      const text = await readFile(join(folder, file), 'utf8').catch(() => '');
      for (const line of text.slice(0, MAX_REQUIREMENTS_BYTES).split('\n')) {
        const { name, version = '' } = REQUIREMENT.exec(line.trim())?.groups ?? {};
        if (name === undefined || line.includes('://') || found.has(normal(name))) continue;
        const pinned = /^===?\s*([\w.+!-]+)$/u.exec(version.trim())?.[1];
        found.set(normal(name), { by: file, ...(pinned === undefined ? {} : { pinned }) });
      }
    }
  }
  return found;
}

/** PEP 503. */
function normal(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/gu, '-');
}
