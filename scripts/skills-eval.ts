// npm run skills:eval: how a model chooses under pressure, without and with the text of a skill.
import { resolve } from 'node:path';
import { evaluateSkills } from './skill-evaluation';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
evaluateSkills(process.argv.slice(2), {
  project: resolve(__dirname, '..'),
  env: process.env,
  say: (line) => console.log(line),
  signal: stop.signal,
}).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
