import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessageCreateParams } from '@anthropic-ai/sdk/resources/messages';
import type { JournalEntry } from '../../src/agent/events';
import { parseJournal } from '../../src/agent/journal';
import { hashOf } from '../../src/agent/store';
import type { ScriptedTurn } from '../support/anthropic-server';
import { Journey } from '../support/journey';
import { seeded } from '../support/seeded';

/** `npm run kill -- --host --runs N --seed N` asks for others. */
const KILLS = Number(process.env['ML_ENGINEER_KILLS'] ?? 6);
const SEED = Number(process.env['ML_ENGINEER_KILL_SEED'] ?? 20_261_125);
const STEPS = 9;
/** Longer than a turn takes, so that some come between two requests and some within. */
const AFTER_REQUEST_MS = 300;

const GO_ON = /Go on where the reload cut you off/u;
const ROUND = /do round (\d+)/u;

/** Runs once for each argument that it is given, and leaves a trace. */
const STEP = `import sys, time
with open('ran.txt', 'a') as trace: trace.write(sys.argv[1] + '\\n')
time.sleep(600 if sys.argv[1].startswith('long') else 0.1)
`;

describe('an extension host that is killed', function () {
  this.timeout(120_000 + KILLS * 60_000);
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it(`loses nothing that was shown, leaves no edit half done and no process, and goes on, at ${KILLS} seeded moments`, async () => {
    const random = seeded(SEED);
    journey = await Journey.open(
      turnOf,
      { 'mlEngineer.permissionMode': 'acceptEdits', 'mlEngineer.model': 'claude-opus-5-5' },
      (folder) => writeFile(join(folder, 'step.py'), STEP),
    );
    const { workbench, server } = journey;
    await workbench.sendChat('@ml-engineer warm up');
    await workbench.answerInChat('Always Allow');
    await workbench.waitForChatText(/Warm\./u);
    let cut = 0;
    for (let round = 0; round < KILLS; round++) {
      const first = server.requests.length;
      const [after, delay] = [Math.floor(random() * (STEPS + 1)), random() * AFTER_REQUEST_MS];
      await workbench.sendChat(`@ml-engineer do round ${round}`);
      while (server.requests.length <= first + after) await workbench.page.waitForTimeout(10);
      await workbench.page.waitForTimeout(delay);
      const shown = await workbench.chatText();
      process.kill(extensionHost(workbench.dataFolder), 'SIGKILL');
      const which = `seed ${SEED}, round ${round}, after request ${after} and ${Math.round(delay)} ms`;
      await nothingRuns(journey);
      const entries = await checked(journey, shown, round, which);
      const isCut = entries.at(-1)?.event.type !== 'run-end';
      if (isCut) cut += 1;
      await goOn(journey, isCut, round);
    }
    assert.deepEqual(server.refusals, []);
    assert.equal((await journey.journals()).length, 1);
    // Else most would have come too late to cut anything.
    assert.ok(cut >= KILLS / 2, `only ${cut} of ${KILLS} came before the end`);
    console.log(`      ${cut} of ${KILLS} kills cut a run`);
  });
});

/** In each round files are made and edited, and commands run; the first leaves one in the background that prints nothing. */
function turnOf({ messages }: MessageCreateParams): ScriptedTurn {
  const texts = messages.map(({ content }) => JSON.stringify(content));
  const at = texts.findLastIndex((text) => ROUND.test(text) || GO_ON.test(text) || text.includes('warm up'));
  const asked = texts[at] ?? '';
  const results = texts.slice(at + 1).filter((text) => text.includes('"tool_result"')).length;
  const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });
  // The last of them: what was said before may stand in the same message.
  if (asked.lastIndexOf('cut you off') > asked.lastIndexOf('do round'))
    return says(`Looked after ${lastRound(texts)}.`);
  if (!ROUND.test(asked))
    return results > 0 ? says('Warm.') : does('Warming up.', 'Execute', { command: 'python3 step.py warm' });
  const round = lastRound(texts);
  if (results >= STEPS) return says(`Round ${round} is done.`);
  const name = `made-${round}-${Math.floor(results / 3)}.txt`;
  const said = `Step ${round}-${results}.`;
  if (results % 3 === 0) return does(said, 'Create', { file_path: name, content: `${'x'.repeat(20_000)}\nend\n` });
  if (results % 3 === 2) return does(said, 'Edit', { file_path: name, old_str: '\nend', new_str: '\nEND' });
  const isLong = round === '0' && results === 1;
  const command = `python3 step.py ${isLong ? 'long-' : ''}${round}-${results}`;
  return does(said, 'Execute', { command, fireAndForget: isLong });
}

function lastRound(texts: readonly string[]): string {
  return [...texts.join('\n').matchAll(new RegExp(ROUND, 'gu'))].at(-1)?.[1] ?? '';
}

function does(text: string, name: string, input: Record<string, unknown>): ScriptedTurn {
  return {
    content: [
      { type: 'text', text },
      { type: 'tool_use', name, input },
    ],
  };
}

interface Process {
  pid: number;
  parent: number;
  line: string;
}

function processes(): Process[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 1e8 });
  return table.split('\n').flatMap((row) => {
    const [, pid, parent, line = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/u.exec(row) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), line }];
  });
}

/** The newest extension host below the server whose data lie in this folder. */
function extensionHost(root: string): number {
  const all = processes();
  const server = all.find(({ line }) => line.includes('server-main') && line.includes(root));
  const below = (pid: number): Process[] =>
    all.filter(({ parent }) => parent === pid).flatMap((one) => [one, ...below(one.pid)]);
  const hosts = below(server?.pid ?? -1).filter(({ line }) => line.includes('type=extensionHost'));
  const pid = hosts.at(-1)?.pid;
  assert.ok(pid, `no extension host:\n${all.map(({ line }) => line).join('\n')}`);
  return pid;
}

/** Waits until no command of the session is left. */
async function nothingRuns({ workbench }: Journey): Promise<void> {
  const steps = (): Process[] => processes().filter(({ line }) => /python3? .*step\.py (?:long-)?\d/u.test(line));
  for (let tries = 0; steps().length > 0 && tries < 200; tries++) await workbench.page.waitForTimeout(50);
  assert.deepEqual(steps(), []);
}

async function checked(
  { workbench, server, folder }: Journey,
  shown: string,
  round: number,
  which: string,
): Promise<JournalEntry[]> {
  const files = (await readdir(workbench.dataFolder, { recursive: true })).filter((file) =>
    file.endsWith('journal.jsonl'),
  );
  assert.equal(files.length, 1, which);
  const { entries, damaged } = parseJournal(await readFile(join(workbench.dataFolder, files[0] ?? ''), 'utf8'));
  assert.ok(damaged.length <= round + 1, `${which}: ${JSON.stringify(damaged)}`);
  // What a model was told of, and what a step that was shown followed upon, had happened.
  const ended = new Set(entries.flatMap(({ event }) => (event.type === 'tool-end' ? [event.call] : [])));
  const told = JSON.stringify(server.requests.at(-1)?.body.messages).matchAll(
    /"tool_use_id":"([^"]+)","content":"(?!The call was cut|Not run)/gu,
  );
  for (const [, call = ''] of told) assert.ok(ended.has(call), `${which}: ${call}`);
  const texts = entries.map(({ event }) =>
    event.type === 'block-end' && event.block.type === 'text' ? event.block.text : '',
  );
  for (const [, at = ''] of shown.matchAll(new RegExp(`Step ${round}-(\\d+)`, 'gu')))
    for (let before = 0; before < Number(at); before++)
      assert.ok(texts.includes(`Step ${round}-${before}.`), `${which}: ${before}`);
  await filesAreWhole(folder, entries, which);
  return entries;
}

/** Every file is as one of the changes left it or found it, and no command ran twice. */
async function filesAreWhole(folder: string, entries: readonly JournalEntry[], which: string): Promise<void> {
  const changes = entries.flatMap(({ event }) => (event.type === 'change' ? [event.change] : []));
  for (const name of await readdir(folder)) {
    const last = changes.findLast(({ path }) => path.endsWith(`/${name}`));
    if (!last) continue;
    const hash = hashOf(await readFile(join(folder, name)));
    assert.ok([last.before, last.after].includes(hash), `${which}: ${name} is neither old nor new`);
  }
  const ran = (await readFile(join(folder, 'ran.txt'), 'utf8')).split('\n').filter(Boolean);
  assert.equal(new Set(ran).size, ran.length, `${which}: ${ran.join(' ')}`);
}

/** Loads the window again, and goes on with a turn that was cut: nothing runs again by itself. */
async function goOn({ workbench, folder }: Journey, isCut: boolean, round: number): Promise<void> {
  const before = await readFile(join(folder, 'ran.txt'), 'utf8');
  await workbench.load();
  if (isCut) {
    await workbench.clickInNotification(/A reload cut a turn/u, 'Continue');
    await workbench.waitForChatText(new RegExp(`Looked after ${round}\\.`, 'u'));
  }
  assert.equal(await readFile(join(folder, 'ran.txt'), 'utf8'), before, 'a command ran again without being asked for');
}
