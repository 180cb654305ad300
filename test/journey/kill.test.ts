import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessageCreateParams } from '@anthropic-ai/sdk/resources/messages';
import type { JournalEntry } from '../../src/agent/events';
import { parseJournal } from '../../src/agent/journal';
import { hashOf } from '../../src/agent/store';
import type { ScriptedTurn } from '../support/anthropic-server';
import { extensionHost, hostRestarted, processes, type Process } from '../support/extension-host';
import { Journey } from '../support/journey';
import { seeded } from '../support/seeded';

/** `npm run kill -- --host --runs N --seed N --first N` asks for others. */
const KILLS = Number(process.env['ML_ENGINEER_KILLS'] ?? 4);
const SEED = Number(process.env['ML_ENGINEER_KILL_SEED'] ?? 20_261_125);
/** Each kill has numbers of its own, so that one that went wrong can be made again alone. */
const FIRST = Number(process.env['ML_ENGINEER_KILL_FIRST'] ?? 0);
const STEPS = 9;
/** Longer than a turn takes, so that some come between two requests and some within. */
const AFTER_REQUEST_MS = 300;
/** What a session holds after more than these is too much for a model. */
const ROUNDS_A_SESSION = 8;
/** Of one kill and the restart after it, on a machine that has much else to do. */
const ROUND_MS = 300_000;

const GO_ON = /Go on where the reload cut you off/u;
const ROUND = /do round (\d+)/u;

/** Runs once for each argument that it is given, and leaves a trace. */
const STEP = `import sys, time
with open('ran.txt', 'a') as trace: trace.write(sys.argv[1] + '\\n')
time.sleep(600 if sys.argv[1].startswith('long') else 0.1)
`;

describe('an extension host that is killed', function () {
  this.timeout(120_000 + KILLS * ROUND_MS);
  let journey: Journey;
  afterEach(async function () {
    await journey?.close(this.currentTest);
  });

  it(`loses nothing that was shown, leaves no edit half done and no process, and goes on, at ${KILLS} seeded moments`, async () => {
    let round = FIRST;
    journey = await Journey.open(
      (request) => turnOf(request, round),
      { 'mlEngineer.permissionMode': 'acceptEdits', 'mlEngineer.model': 'claude-opus-5-5' },
      (folder) => writeFile(join(folder, 'step.py'), STEP),
    );
    const { workbench, server } = journey;
    workbench.page.setDefaultTimeout(ROUND_MS);
    await workbench.sendChat('@ml-engineer warm up');
    await workbench.answerInChat('Always Allow');
    await workbench.waitForChatText(/Warm\./u);
    let cut = 0;
    let isCut = false;
    let prompt = '';
    // By its text: what an earlier host offered may still stand there, and no longer does anything.
    const goOn = (): Promise<void> => workbench.clickInNotification(new RegExp(`"[^"]*${prompt}`, 'u'), 'Continue');
    const last = new Map<string, number>();
    for (; round < FIRST + KILLS; round++) {
      const random = seeded(SEED + round);
      const [after, delay] = [Math.floor(random() * (STEPS + 1)), random() * AFTER_REQUEST_MS];
      const which = `seed ${SEED}, round ${round}, after request ${after} and ${Math.round(delay)} ms`;
      const first = server.requests.length;
      if (round > FIRST && (round - FIRST) % ROUNDS_A_SESSION === 0) {
        await workbench.runCommand('Chat: New Chat');
        isCut = false;
      }
      // A turn that was cut is gone on with, and killed again while it goes on.
      if (isCut) await goOn();
      else await workbench.sendChat(`@ml-engineer do round ${round}`);
      prompt = isCut ? 'Go on where' : `do round ${round}`;
      const until = Date.now() + ROUND_MS;
      while (server.requests.length <= first + after) {
        assert.ok(Date.now() < until, `${which}: only ${server.requests.length - first} requests came`);
        await workbench.page.waitForTimeout(10);
      }
      await workbench.page.waitForTimeout(delay);
      const shown = await workbench.chatText();
      const host = extensionHost(workbench.dataFolder);
      assert.ok(host, `${which}: no extension host`);
      process.kill(host, 'SIGKILL');
      await nothingRuns(journey);
      const entries = await checked(journey, shown, round, which);
      const end = entries.at(-1)?.event.type ?? 'nothing';
      isCut = end !== 'run-end';
      if (isCut) cut += 1;
      last.set(end, (last.get(end) ?? 0) + 1);
      await restarted(journey, host, which);
      if (round % 10 === 9) console.log(`      ${round + 1 - FIRST} kills`);
    }
    // The last one goes on too.
    round = -1;
    if (isCut) await goOn();
    else await workbench.sendChat('@ml-engineer and now?');
    await workbench.waitForChatText(/Looked after it\./u);
    assert.deepEqual(server.refusals, []);
    // Else most would have come too late to cut anything.
    assert.ok(cut >= KILLS / 2, `only ${cut} of ${KILLS} came before the end`);
    const lasts = [...last].map(([type, count]) => `${type} ${count}`).join(', ');
    console.log(`      ${cut} of ${KILLS} kills cut a run; the last event before them: ${lasts}`);
  });
});

/** In each round files are made and edited, and commands run; the first leaves one in the background that prints nothing. */
function turnOf({ messages }: MessageCreateParams, round: number): ScriptedTurn {
  const texts = messages.map(({ content }) => JSON.stringify(content));
  const at = texts.findLastIndex((text) => ROUND.test(text) || GO_ON.test(text) || text.includes('warm up'));
  const asked = texts[at] ?? '';
  const results = texts.slice(at + 1).filter((text) => text.includes('"tool_result"')).length;
  const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });
  if (round < 0) return says('Looked after it.');
  if (!ROUND.test(asked) && !GO_ON.test(asked))
    return results > 0 ? says('Warm.') : does('Warming up.', 'Execute', { command: 'python3 step.py warm' });
  if (results >= STEPS) return says(`Round ${round} is done.`);
  const name = `made-${round}-${Math.floor(results / 3)}.txt`;
  const said = `Step ${round}-${results}.`;
  if (results % 3 === 0) return does(said, 'Create', { file_path: name, content: `${'x'.repeat(20_000)}\nend\n` });
  if (results % 3 === 2) return does(said, 'Edit', { file_path: name, old_str: '\nend', new_str: '\nEND' });
  const isLong = round % ROUNDS_A_SESSION === 0 && results === 1;
  const command = `python3 step.py ${isLong ? 'long-' : ''}${round}-${results}`;
  return does(said, 'Execute', { command, fireAndForget: isLong });
}

function does(text: string, name: string, input: Record<string, unknown>): ScriptedTurn {
  return {
    content: [
      { type: 'text', text },
      { type: 'tool_use', name, input },
    ],
  };
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
  const { entries, damaged } = await allEntries(workbench.dataFolder);
  assert.ok(damaged <= round + 1, `${which}: ${damaged} damaged lines`);
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

/**
 * Of all sessions, the last used one last: where a kill came after a run's end and before the chat knew of it, the chat
 * has forgotten that message and begins another session.
 */
async function allEntries(root: string): Promise<{ entries: JournalEntry[]; damaged: number }> {
  const names = (await readdir(root, { recursive: true })).filter((file) => file.endsWith('journal.jsonl'));
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(root, name);
      return { ...parseJournal(await readFile(path, 'utf8')), usedAt: (await stat(path)).mtimeMs };
    }),
  );
  files.sort((a, b) => a.usedAt - b.usedAt);
  return {
    entries: files.flatMap(({ entries }) => entries),
    damaged: files.reduce((sum, { damaged }) => sum + damaged.length, 0),
  };
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

/** What ran does not run again by itself. */
async function restarted({ workbench, folder }: Journey, killed: number, which: string): Promise<void> {
  const before = await readFile(join(folder, 'ran.txt'), 'utf8');
  await hostRestarted(workbench, killed);
  assert.equal(await readFile(join(folder, 'ran.txt'), 'utf8'), before, `${which}: a command ran again unasked`);
}
