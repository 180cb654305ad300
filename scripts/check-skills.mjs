// Holds every bundled skill to the Agent Skills format, by its reference reader: what other hosts refuse must not ship.
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { validate } from 'skills-ref';

const root = new URL('../skills/', import.meta.url);
const folders = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory());
const faults = [];
for (const { name } of folders) {
  const found = await validate(fileURLToPath(new URL(`${name}/`, root)));
  faults.push(...found.map((fault) => `skills/${name}: ${fault}`));
}
if (folders.length === 0) faults.push('skills: there is none');
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
