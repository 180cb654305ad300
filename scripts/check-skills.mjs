// Every skill of ours is valid to the reference reader of the format. Other readers are strict where ours is lenient.
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { validate } from 'skills-ref';

const skills = new URL('../skills/', import.meta.url);
const folders = (await readdir(skills, { withFileTypes: true })).filter((entry) => entry.isDirectory());
for (const { name } of folders)
  for (const problem of await validate(fileURLToPath(new URL(name, skills)))) {
    console.error(`skills/${name}: ${problem}`);
    process.exitCode = 1;
  }
