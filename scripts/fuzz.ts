// npm run fuzz -- [--minutes N] [--index N] [TARGET...]: tries new broken texts on the parsers, and says how to see a find again.
import { parseArgs } from 'node:util';
import { randomFor } from '../test/fuzz/random';
import { TARGETS } from '../test/fuzz/targets';
import { BOUNDS, fuzz } from '../test/support/fuzz';

const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, index: { type: 'string' } },
  allowPositionals: true,
});
const seed = Number(process.env['ML_ENGINEER_FUZZ_SEED'] ?? Date.now() % 2_147_483_647);
const unknown = positionals.filter((name) => !TARGETS.some((target) => target.name === name));
const wanted = TARGETS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const BATCH = 500;
const MAX_TOLD = 3;

async function tryFor(name: string, minutes: number): Promise<number> {
  const target = TARGETS.find((one) => one.name === name);
  const only = values.index === undefined ? undefined : Number(values.index);
  const until = Date.now() + minutes * 60_000;
  let [tried, found, slowest] = [0, 0, 0];
  for (let from = only ?? 0; found < MAX_TOLD && (Date.now() < until || tried === 0);) {
    const work = { target: name, seed, from, to: only === undefined ? from + BATCH : from + 1 };
    const { faults, slowestMs, tried: more } = await fuzz(work, BOUNDS);
    [tried, slowest, found, from] = [tried + more, Math.max(slowest, slowestMs), found + faults.length, from + more];
    for (const { index, what } of faults.slice(0, MAX_TOLD)) {
      const input = target?.make(randomFor(seed, name, index)) ?? '';
      console.error(
        `ML_ENGINEER_FUZZ_SEED=${seed} npm run fuzz -- --index ${index} ${name}\n${what}\n${JSON.stringify(input).slice(0, 2_000)}\n`,
      );
    }
    if (only !== undefined) break;
  }
  console.log(`${name}: ${tried} inputs, ${found} faults, the slowest took ${Math.round(slowest)} ms (seed ${seed})`);
  return found;
}

async function main(): Promise<void> {
  if (unknown.length > 0)
    throw new Error(
      `There is no target ${unknown.join(', ')}. There are: ${TARGETS.map(({ name }) => name).join(', ')}.`,
    );
  let found = 0;
  for (const { name } of wanted) found += await tryFor(name, Number(values.minutes));
  process.exitCode = found === 0 ? 0 : 1;
}

void main();
