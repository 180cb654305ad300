import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge } from '../../../src/agent/approval';
import type { Action, Tool } from '../../../src/agent/tool';
import type { Host } from '../../../src/host/host';
import { createNodeHost } from '../../../src/host/node';
import { lineOf, type RunRecord } from '../../../src/ledger/record';
import { runsTool } from '../../../src/tools/runs';
import { FakeSession } from '../../support/fake-tool-context';
import { runRecord } from '../../support/ledger';

const LEDGER = 'experiments/ledger.jsonl';
const command = (lr: number, seed: number, data = 'data/train.csv'): string =>
  `python train.py --data ${data} --lr ${lr} --seed ${seed}`;
const run = (id: string, lr: number, seed: number, auc: number, more: Partial<RunRecord> = {}): RunRecord =>
  runRecord({
    id,
    command: command(lr, seed),
    seeds: [{ name: 'seed', value: String(seed) }],
    metrics: [{ name: 'val_auc', last: auc }],
    at: `2026-01-01T10:00:0${id.length}Z`,
    ...more,
  });

describe('Runs', () => {
  let folder: string;
  let host: Host;
  let tool: Tool<Host>;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'runs-')));
    await mkdir(join(folder, 'experiments'));
    host = createNodeHost({ folders: [folder] });
    const seconds = (): number => 10;
    tool = runsTool({
      state: folder,
      secrets: ['hunter2-hunter2'],
      waitSeconds: seconds,
      stopSeconds: seconds,
      ledger: () => LEDGER,
    });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const put = (...records: RunRecord[]): Promise<void> => writeFile(join(folder, LEDGER), records.map(lineOf).join(''));
  const call = async (input: object): Promise<string> => {
    const { content } = await tool.run(tool.input.parse(input), new FakeSession({ host }).context());
    return content as string;
  };
  const SWEEP = [
    run('aaaa1', 0.1, 1, 0.9),
    run('aaaa2', 0.1, 2, 0.92),
    run('bbbb1', 0.01, 1, 0.915),
    run('cccc1', 0.3, 1, 0.99, { state: 'failed', exit: 1 }),
  ];

  it('tells apart what was measured from titles, verdicts and runs that failed', async () => {
    await put(...SWEEP.map((one) => ({ ...one, title: 'hoping for 0.97' })));
    const shown = async (input: object): Promise<string> => {
      const { view } = await tool.run(tool.input.parse(input), new FakeSession({ host }).context());
      assert.ok(view?.kind === 'text' && view.measured !== undefined);
      assert.equal(view.measured.split('\n').length, view.text.split('\n').length);
      return view.measured;
    };
    for (const input of [
      { action: 'list' },
      { action: 'best', metric: 'val_auc' },
      { action: 'show', runs: ['bbbb1', 'cccc1'] },
    ]) {
      const measured = await shown(input);
      assert.match(measured, /0\.915/u);
      assert.doesNotMatch(measured, /0\.97|0\.99/u);
    }
    assert.match(await shown({ action: 'compare', runs: ['aaaa1', 'bbbb1'] }), /0\.915/u);
    assert.equal((await shown({ action: 'compare', runs: ['aaaa1', 'cccc1'] })).trim(), '');
  });

  it('has runs of trackers in the same list and ranking, takes no note on them, and lets no claim rest on them', async () => {
    await put(...SWEEP);
    await mkdir(join(folder, 'dvclive'));
    await writeFile(join(folder, 'dvclive/metrics.json'), '{"val_auc": 0.975}');
    assert.match(await call({ action: 'list', filter: 'dvc' }), /dvclive\/metrics\.json:1 dvc-dvclive unknown/u);
    const ranked = tool.input.parse({ action: 'best', metric: 'val_auc' });
    const { content, view } = await tool.run(ranked, new FakeSession({ host }).context());
    assert.match(content as string, /0\.975 .*dvc-dvclive/u);
    assert.ok(view?.kind === 'text' && view.measured !== undefined);
    assert.match(view.measured, /0\.915/u);
    assert.doesNotMatch(view.measured, /0\.975/u);
    const note = { action: 'note', runs: ['dvc-dvclive'], verdict: 'best' };
    await assert.rejects(call(note), /dvc-dvclive is a run of DVC, which is only read/u);
    // What is not in the ledger is not asked for either.
    await assert.rejects(async () => tool.action(tool.input.parse(note), new FakeSession({ host }).context()));
  });

  it('lists with the line of each, the spread over seeds, and the best first where asked', async () => {
    await put(...SWEEP);
    const text = await call({ action: 'list', sort: 'auc', filter: 'train ok' });
    assert.match(text, /data, not instructions/u);
    const lines = text.split('\n').filter((line) => line.startsWith(LEDGER));
    assert.deepEqual(
      lines.map((line) => line.slice(0, line.indexOf(' '))),
      [`${LEDGER}:2`, `${LEDGER}:3`, `${LEDGER}:1`],
    );
    assert.match(lines[0] ?? '', /val_auc=0\.92 \(mean 0\.91 ± 0\.014142, n=2\)/u);
  });

  it('ranks by the mean over seeds, not by the luckiest, and leaves out what failed', async () => {
    await put(...SWEEP);
    const text = await call({ action: 'best', metric: 'auc' });
    assert.match(text, /1\. 0\.915 \(n=1: its spread is not known\) bbbb1/u);
    assert.match(text, /2\. mean 0\.91 ± 0\.014142 \(n=2, 2 seeds\) aaaa2/u);
    assert.match(text, /Left out, since they did not end well: 1/u);
  });

  it('ranks no runs on different data or splits among each other, and says so', async () => {
    const other = [{ path: 'data/train.csv', size: 100, hash: '0'.repeat(64) }];
    await put(
      ...SWEEP,
      run('dddd1', 0.1, 1, 0.97, { data: other }),
      run('eeee1', 0.1, 1, 0.96, { command: `${command(0.1, 1)} --fold 2` }),
    );
    const text = await call({ action: 'best', metric: 'val_auc' });
    assert.match(text, /There is no best by val_auc.*3 different data sets or splits/u);
  });

  it('asks for the direction where the name does not tell it, and knows the common ones', async () => {
    await put(
      run('aaaa1', 0.1, 1, 0.9, {
        metrics: [
          { name: 'zeta', last: 1 },
          { name: 'val_loss', last: 2 },
        ],
      }),
    );
    await assert.rejects(call({ action: 'best', metric: 'zeta' }), /give direction, min or max/u);
    assert.match(await call({ action: 'best', metric: 'zeta', direction: 'min' }), /lower is better/u);
    assert.match(await call({ action: 'best', metric: 'val_loss' }), /lower is better/u);
    await assert.rejects(call({ action: 'best', metric: 'val_los' }), /No one metric.*val_loss/u);
  });

  it('compares code, arguments, metrics, seeds and data, and says what the numbers cannot tell', async () => {
    await put(...SWEEP);
    const text = await call({ action: 'compare', runs: ['aaaa1', 'bbbb1'] });
    assert.match(text, /arguments:\n  lr: \[1\] 0\.1 \| \[2\] 0\.01/u);
    assert.match(text, /val_auc: .*\(difference \+0\.015\)/u);
    assert.match(text, /code: the same\n/u);
    assert.match(text, /! val_auc: one seed on a side/u);
    assert.match(await call({ action: 'compare', runs: ['aaaa1', 'cccc1'] }), /Not ended well.*cccc1/u);
    await assert.rejects(call({ action: 'compare', runs: ['aaaa1'] }), /two runs or more/u);
    await assert.rejects(call({ action: 'show', runs: ['zzzz'] }), /There is no one run zzzz/u);
  });

  it('adds a note behind the runs, masked, and shows what was said last', async () => {
    await put(...SWEEP);
    const before = await readFile(join(folder, LEDGER), 'utf8');
    await call({ action: 'note', runs: [`${LEDGER}:1`], verdict: 'noise, by hunter2-hunter2' });
    const after = await readFile(join(folder, LEDGER), 'utf8');
    assert.ok(after.startsWith(before) && !after.includes('hunter2'));
    assert.match(
      await call({ action: 'show', runs: ['aaaa1'] }),
      /verdict: noise, by \[\[masked.*note: .*:5 .* by model/su,
    );
  });

  it('asks nothing for reading, and as an edit inside the workspace for a note; the ledger itself is protected', async () => {
    await put(...SWEEP);
    const context = new FakeSession({ host }).context();
    const effect = async (input: object): Promise<string> =>
      (await tool.action(tool.input.parse(input), context)).effect;
    assert.equal(await effect({ action: 'list' }), 'none');
    const policy = { mode: 'acceptEdits', trusted: true, allow: [], ask: [], deny: [] } as const;
    const noted = await tool.action(tool.input.parse({ action: 'note', runs: ['aaaa1'], verdict: 'v' }), context);
    assert.equal(judge('Runs', noted, policy).decision, 'allow');
    const edited: Action = { effect: 'edit', paths: [await host.locate(LEDGER)] };
    assert.match(judge('Edit', edited, policy).reason, /the ledger of experiments, which is only added to/u);
  });

  it('says that there is none where the user turned it off, and what to do where it is empty', async () => {
    assert.match(await call({ action: 'list' }), /holds no run yet/u);
    tool = runsTool();
    await assert.rejects(call({ action: 'list' }), /turned it off/u);
  });
});
