import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MessageCreateParams } from '@anthropic-ai/sdk/resources/messages';
import type { Locator } from 'playwright-core';
import { membersOf } from '../../src/jobs/process';
import { lineOf } from '../../src/ledger/record';
import type { ScriptedTurn } from '../support/anthropic-server';
import { extensionHost, hostRestarted } from '../support/extension-host';
import { until } from '../support/jobs';
import { Journey } from '../support/journey';
import { runRecord } from '../support/ledger';

const EPOCHS = 400;
/** A real run, of some seconds. */
const TRAIN = `python3 -m churn.logistic --epochs ${EPOCHS} --out runs/logistic`;
const CHECKPOINT = 'runs/logistic/checkpoints/last.json';
/** Takes away what its words do not say. */
const TIDY = `import shutil\nshutil.rmtree("runs/" + "logistic/checkpoints")\n`;
/** What is in the ledger already, both on the same data. */
const EARLIER = [
  runRecord({ id: 'run-tidied', title: 'Before <b>tidying</b>', metrics: [{ name: 'val_auc', last: 0.999 }] }),
  runRecord({
    id: 'run-guessed',
    title: 'Guessing',
    command: 'python guess.py',
    metrics: [{ name: 'val_auc', last: 0.5 }],
  }),
];
const TRY = {
  dry: 'python3 -m churn.logistic --epochs 1 --out {out}',
  resume: 'python3 -m churn.logistic --epochs 2 --out {out} --resume {out}/checkpoints/last.json',
};

const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });
const calls = (name: string, input: Record<string, unknown>): ScriptedTurn => ({
  content: [{ type: 'tool_use', name, input }],
});

/** No run ever printed it. */
const MADE_UP = '0.7377';

/** What the last message tells, and what comes next. */
const COURSE: [told: RegExp, next: (told: RegExpExecArray, all: string) => ScriptedTurn][] = [
  [
    /have no run behind them/u,
    (_, all) => says(/It was woken: [^"]*?I am sure\./u.exec(all)?.[0] ?? 'Nothing to say.'),
  ],
  [
    /no message of the user.*val_auc=([\d.]+)/su,
    ([, auc]) => says(`It was woken: the validation AUC is ${auc}. The recall is ${MADE_UP}, I am sure.`),
  ],
  [/wants a pre-flight before such a job/u, () => calls('Job', { action: 'preflight', command: TRAIN, ...TRY })],
  [/start the job with this very command/u, () => calls('Job', { action: 'start', command: TRAIN, title: 'Churn' })],
  [/Job (\d{8}T\d{6}-[0-9a-f]{6}) .*running/u, ([, job]) => calls('Job', { action: 'wait', job })],
  [/guarded file was lost.*back at its place/su, () => says('What the script took away is back.')],
  [/Exit code 0 after .*epoch=1 /su, () => calls('Execute', { command: 'python3 tidy.py' })],
  [/run it again/u, () => calls('Execute', { command: TRAIN.replace(String(EPOCHS), '1') })],
  [/train it/u, () => calls('Job', { action: 'start', command: TRAIN })],
];

function turnOf({ messages }: MessageCreateParams): ScriptedTurn {
  const last = JSON.stringify(messages.at(-1));
  for (const [told, next] of COURSE) {
    const found = told.exec(last);
    if (found) return next(found, JSON.stringify(messages));
  }
  return says(`Nothing was expected after: ${last.slice(0, 500)}`);
}

describe('a training run that was started in the chat', () => {
  let journey: Journey;
  let trained: number[] = [];
  afterEach(async function () {
    for (const pid of trained) signalTo(pid, 'SIGKILL');
    trained = [];
    await journey?.close(this.currentTest);
  });

  it('is tried first, lives through a reload and a killed host, wakes its session, its checkpoint is defended, and its run is compared with earlier ones', async () => {
    journey = await Journey.open(
      turnOf,
      {
        'mlEngineer.jobs.waitMinutes': 0.02,
        'mlEngineer.jobs.preflight': 'required',
        'mlEngineer.jobs.longMinutes': 0.01,
        'mlEngineer.jobs.pricePerHour': 2,
      },
      async (folder) => {
        await writeFile(join(folder, 'tidy.py'), TIDY);
        await mkdir(join(folder, 'experiments'));
        await writeFile(join(folder, 'experiments', 'ledger.jsonl'), EARLIER.map(lineOf).join(''));
      },
    );
    const { workbench, server } = journey;
    const { page } = workbench;
    await workbench.sendChat('@ml-engineer train it');
    // Before it was tried the job is refused and nobody asked; the trial is asked for once.
    await workbench.decide(/--epochs\s1\s--out/u);
    const report = await (await workbench.question(/Pre-flight passed/u)).innerText();
    assert.match(report, /--epochs\s400/u);
    for (const row of [/Saved: checkpoints\/last\.json/u, /Resume: .*exit code 0/u, /at most .*400 times/u])
      assert.match(report, row);
    for (const row of [/Cost: at most \$0\.\d+/u, /Memory: [\d.]+ [MG]B/u, /Python 3\./u, /no data, checkpoint/u])
      assert.match(report, row);
    await workbench.decide(/Pre-flight passed/u);

    const job = await until(() => jobFolder(journey), 'the job to have a process');
    const { pid } = JSON.parse(await readFile(join(job, 'process.json'), 'utf8')) as { pid: number };
    // It is held, so that it cannot end before its window is gone and back.
    trained = await until(async () => held(pid), 'the run to be held');
    await workbench.waitForChatText(/Waiting for job \d{8}T\d{6}/u);
    await until(async () => isRunOver(journey), 'the turn to end');
    const asked = server.requests.length;
    await workbench.runCommand('Developer: Reload Window');
    await page.locator('.interactive-session').first().waitFor({ state: 'detached' });
    await workbench.ready();
    const host = await until(async () => extensionHost(workbench.dataFolder), 'the extension host');
    process.kill(host, 'SIGKILL');
    await hostRestarted(workbench, host);
    for (const member of trained) signalTo(member, 'SIGCONT');

    await workbench.clickInNotification(/Job "Churn" ended \(exit 0\)/u, 'Continue');
    const text = await readFile(join(job, 'output.log'), 'utf8');
    const auc = /epoch=400 .*val_auc=([\d.]+)/u.exec(text)?.[1] ?? 'none';
    await workbench.waitForChatText(
      new RegExp(`It was woken: the validation AUC is ${auc.replace('.', '\\.')}0*\\. The recall`, 'u'),
    );
    // What was measured is a link to its line of the log, and what was made up is marked, once the model insists.
    await workbench.waitForChatText(new RegExp(`${MADE_UP}: no run behind this number`, 'u'));
    assert.equal(server.requests.length, asked + 2, 'no model was asked while it waited, and then once for the number');
    assert.match(journey.lastMessages, new RegExp(`have no run behind them[^]*"${MADE_UP}`.replace('"', '\\\\"'), 'u'));
    const line = text.split('\n').findIndex((one) => one.startsWith(`epoch=${EPOCHS} `)) + 1;
    await workbench.waitForChatText(new RegExp(`${auc.replace('.', '\\.')}: \\s*output\\.log:${line}`, 'u'));
    await workbench.answer.getByText(`output.log:${line}`).last().click();
    await page
      .locator('.editor-instance .view-lines')
      .filter({ hasText: `val_auc=${auc}` })
      .waitFor();
    await page.getByText(`Ln ${line}, Col 1`).waitFor();
    await workbench.runCommand('View: Close All Editors');
    assert.match(await readFile(join(job, 'exit.json'), 'utf8'), /"code":0,/u);
    assert.equal((JSON.parse(await readFile(join(job, 'preflight.json'), 'utf8')) as { ratio: number }).ratio, EPOCHS);
    const epochs = [...text.matchAll(/^epoch=(\d+) /gmu)].map(([, epoch]) => Number(epoch));
    assert.deepEqual(
      epochs,
      [...Array(EPOCHS).keys()].map((epoch) => epoch + 1),
      'nothing of its log is lost',
    );
    const [journal = [], ...others] = await journey.journals();
    assert.deepEqual(others, []);
    const prompts = journal.flatMap(({ event }) => (event.type === 'prompt' ? [event.woken !== undefined] : []));
    assert.deepEqual(prompts, [false, true]);

    const checkpoint = await journey.read(CHECKPOINT);
    assert.match(checkpoint, /"epoch": 400,/u);
    await workbench.sendChat('run it again');
    const question = await (await workbench.question(/--epochs\s1\s--out/u)).innerText();
    assert.match(question, /What may be lost[\s\S]*last\.json: checkpoint[\s\S]*made by "job Churn"/u);
    await workbench.decide(/--epochs\s1\s--out/u);
    await workbench.decide(/python3\stidy\.py/u);
    await workbench.waitForChatText(/What the script took away is back\./u);
    assert.match(await journey.read(CHECKPOINT), /"epoch": 1,/u);
    assert.ok((await trashed(journey)).includes(checkpoint), 'what the second run replaced is kept');
    await looksAtRuns(journey, auc);
  });
});

/** The ledger has the run beside what was there, and the panel finds the best and says how they differ. */
async function looksAtRuns({ workbench }: Journey, auc: string): Promise<void> {
  const section = (await workbench.panel()).getByRole('region', { name: 'Runs' });
  await section.getByRole('button', { name: 'Runs', exact: true }).click();
  const rows = section.getByRole('grid').getByRole('rowgroup').getByRole('row');
  const row = (title: string): Locator => rows.filter({ hasText: title });
  await section.getByText('3 of 3 runs', { exact: true }).waitFor();
  // The one that ended last is first, until they are sorted by what was measured.
  await rows.first().filter({ hasText: 'Churn' }).waitFor();
  await section.getByRole('combobox', { name: 'Metric' }).selectOption('val_auc');
  await row('Churn')
    .filter({ hasText: String(Number(auc)) })
    .waitFor();
  await section.getByRole('button', { name: 'val_auc', exact: true }).click();
  await rows.first().filter({ hasText: 'Before <b>tidying</b>' }).filter({ hasText: '0.999' }).waitFor();
  await rows.nth(1).filter({ hasText: 'Churn' }).waitFor();
  await section.getByRole('button', { name: 'val_auc', exact: true }).click();
  await rows.first().filter({ hasText: 'Guessing' }).waitFor();

  // Its detail tells how it was run; the three are ticked and stand side by side.
  await row('Churn').click();
  await section
    .getByRole('group', { name: /^Run \d{8}T/u })
    .getByText(TRAIN)
    .waitFor();
  for (const title of ['Churn', 'Before <b>tidying</b>', 'Guessing']) await row(title).getByRole('checkbox').click();
  const compared = section.getByRole('table', { name: /^Compare: .*run-tidied.*run-guessed/u });
  await compared
    .getByRole('row', { name: /^val_auc / })
    .filter({ hasText: String(Number(auc)) })
    .filter({ hasText: '0.999' })
    .waitFor();
  await compared.getByRole('row', { name: /^data/u }).first().waitFor();
  await section.evaluate('(node) => node.scrollIntoView()');
  await workbench.pictures('panel-runs');

  // Searched by words of the command, and the ledger's own line is one click away.
  await section.getByRole('searchbox', { name: 'Search runs' }).fill('guess.py');
  await section.getByText('1 of 3 runs', { exact: true }).waitFor();
  assert.equal(await rows.count(), 1);
  await section.getByRole('button', { name: 'Open Ledger' }).click();
  await workbench.page.locator('.tab.active').filter({ hasText: 'ledger.jsonl' }).waitFor();
}

async function filesBelow(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names.map((name) => join(folder, name));
}

async function jobFolder(journey: Journey): Promise<string | undefined> {
  const all = await filesBelow(join(journey.folder, '..', 'state', 'ml-engineer', 'jobs'));
  const file = all.find((path) => path.endsWith('process.json'));
  return file && dirname(file);
}

/** The processes of a job, once there are any, and they are stopped. */
async function held(leader: number): Promise<number[] | undefined> {
  const members = await membersOf(leader);
  for (const member of members) signalTo(member, 'SIGSTOP');
  return members.length > 0 && (await membersOf(leader)).length === members.length ? members : undefined;
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

async function isRunOver(journey: Journey): Promise<true | undefined> {
  const [journal = []] = await journey.journals().catch(() => []);
  return journal.some(({ event }) => event.type === 'run-end') || undefined;
}

/** The texts of all that the trash holds. */
async function trashed({ workbench }: Journey): Promise<string[]> {
  const all = (await filesBelow(workbench.dataFolder)).filter((path) => path.includes('trash'));
  return Promise.all(all.map((path) => readFile(path, 'utf8').catch(() => '')));
}
