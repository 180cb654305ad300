import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolOutput } from '../../../src/agent/tool';
import { isDamaged, listJobs, type JobStatus } from '../../../src/jobs/jobs';
import type { PreflightSettings } from '../../../src/jobs/start';
import { reportSchema, type Report } from '../../../src/preflight/report';
import { executeTool } from '../../../src/tools/execute';
import { jobTool } from '../../../src/tools/job';
import { FakeSession, textOf } from '../../support/fake-tool-context';
import { JobsWorld, killGroup } from '../../support/jobs';

/** Trains for some epochs, saves after each, goes on from what it is given. */
const TRAIN = `import json, os, sys
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
out = options.get("--out", "runs")
first = 0
if "--resume" in options:
    with open(options["--resume"]) as file: first = json.load(file)["epoch"] + 1
memory = bytearray(60_000_000)
for epoch in range(first, first + int(options.get("--epochs", 1))):
    print(f"epoch={epoch} loss={1 / (epoch + 1):.3f}", flush=True)
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "last.ckpt"), "w") as file: json.dump({"epoch": epoch}, file)
`;
const COMMAND = 'python3 train.py --epochs 40';
const DRY = 'python3 train.py --epochs 1 --out {out}';
const RESUME = 'python3 train.py --epochs 1 --out {out} --resume {out}/last.ckpt';

describe('a pre-flight', () => {
  let world: JobsWorld;
  let settings: PreflightSettings;
  beforeEach(() => {
    world = new JobsWorld();
    settings = { mode: 'required', longMinutes: 0.01 };
    world.home.preflight = () => settings;
    writeFileSync(join(world.workspace, 'train.py'), TRAIN);
  });
  afterEach(() => world.remove());

  const session = (): FakeSession => new FakeSession({ host: world.host });
  const call = (input: object): Promise<ToolOutput> => session().call(jobTool(world.home), input);
  const tried = (more: object = {}): Promise<ToolOutput> =>
    call({ action: 'preflight', command: COMMAND, dry: DRY, resume: RESUME, ...more });
  const actionOf = async (input: object): Promise<string> => {
    const tool = jobTool(world.home);
    const action = await tool.action(tool.input.parse({ action: 'start', ...input }), session().context());
    return action.effect === 'execute' ? (action.asks ?? 'not asked') : action.effect;
  };
  const factsOf = async (input: object): Promise<string> => {
    const tool = jobTool(world.home);
    const preview = await tool.preview?.(tool.input.parse({ action: 'start', ...input }), session().context());
    return (preview?.facts ?? []).join('\n');
  };
  const report = (): Report => {
    const all = readdirSync(world.home.state, { recursive: true, encoding: 'utf8' });
    const [path = ''] = all.filter((name) => name.endsWith('preflight.json') && name.includes('preflights'));
    return reportSchema.parse(JSON.parse(readFileSync(join(world.home.state, path), 'utf8')));
  };

  it('runs a batch, saves, goes on from there, measures it, and leaves the workspace as it was', async () => {
    settings = { mode: 'required', longMinutes: 0.01, pricePerHour: 3 };
    // Its memory is looked at now and then; a step that is over at once may be seen before it holds all of it.
    writeFileSync(
      join(world.workspace, 'train.py'),
      TRAIN.replace('for epoch', 'import time; time.sleep(2)\nfor epoch'),
    );
    const text = textOf(await tried());
    assert.match(text, /Pre-flight passed/u);
    const { dry, resume, saved, resumed, ratio, expected, costUsd, interpreter, faults, warnings } = report();
    assert.deepEqual([dry.exit, resume?.exit, faults], [0, 0, []]);
    assert.deepEqual([dry.from, resume?.from, ratio], [0, 1, 40]);
    assert.match(saved[0]?.shown ?? '', /last\.ckpt$/u);
    assert.ok(['read', 'went on'].includes(resumed), resumed);
    assert.ok((dry.peakBytes ?? 60e6) >= 60e6, `${dry.peakBytes} bytes are what it held`);
    assert.ok(expected && Math.abs(expected.seconds - dry.seconds * 40) < 1e-6 && expected.bound === 'at most');
    assert.ok(Math.abs((costUsd ?? 0) - (expected.seconds / 3_600) * 3) < 1e-9);
    assert.ok(interpreter?.version.startsWith('3.'));
    assert.ok(!warnings.some((warning) => warning.includes('not tried')), warnings.join('; '));
    assert.deepEqual(readdirSync(world.workspace), ['train.py']);
  });

  it('opens the start of that very job, is read in its question, and lies in its folder', async () => {
    await assert.rejects(actionOf({ command: COMMAND }), /Not started: how long it takes is not known.*has had no/su);
    await tried();
    assert.match(await actionOf({ command: COMMAND }), /a long run/u);
    const facts = await factsOf({ command: COMMAND });
    assert.match(facts, /Pre-flight passed.*Resume: .*Time: at most .*40 times the dry run.*Memory: .*Disk: /su);
    await assert.rejects(actionOf({ command: `${COMMAND}0` }), /has had no pre-flight/u);
    await assert.rejects(actionOf({ command: COMMAND, cwd: '..' }), /has had no pre-flight/u);
    settings = { mode: 'suggest', longMinutes: 30 };
    const text = textOf(await call({ action: 'start', command: 'python3 train.py --epochs 40' }));
    const { id, folder } = jobIn(text);
    await world.over(id);
    assert.equal(reportSchema.parse(JSON.parse(readFileSync(join(folder, 'preflight.json'), 'utf8'))).ratio, 40);
  });

  it('holds no longer when the code changes, and does when only its own output came', async () => {
    await tried({ dry: 'python3 train.py --epochs 1 --out out', resume: undefined });
    writeFileSync(join(world.workspace, 'notes.txt'), 'no code');
    assert.match(await actionOf({ command: COMMAND }), /a long run/u);
    writeFileSync(join(world.workspace, 'train.py'), `${TRAIN}\n# changed\n`);
    await assert.rejects(actionOf({ command: COMMAND }), /does not hold: the code changed since/u);
  });

  it('does not count what the trial itself wrote as a change of the code', async () => {
    writeFileSync(join(world.workspace, 'train.py'), `${TRAIN}\nopen("resolved.yaml", "w").write("epochs: 1")\n`);
    await tried();
    assert.ok(existsSync(join(world.workspace, 'resolved.yaml')));
    assert.match(await actionOf({ command: COMMAND }), /a long run/u);
  });

  it('fails where the dry run fails, and shows its end', async () => {
    writeFileSync(join(world.workspace, 'train.py'), 'raise SystemExit("no such column: churned")');
    const output = await tried();
    assert.ok(output.isError);
    assert.match(textOf(output), /FAILED: the dry run ended with exit code 1[\s\S]*no such column: churned/u);
    await assert.rejects(actionOf({ command: COMMAND }), /Its pre-flight failed: the dry run ended with exit code 1/u);
  });

  it('fails where the resume begins anew instead of reading what was saved', async function () {
    const anew = TRAIN.replace('if "--resume" in options:', 'if False:');
    writeFileSync(join(world.workspace, 'train.py'), anew);
    const text = textOf(await tried());
    if (report().resumed === 'unknown') return this.skip(); // This disk does not note reads.
    assert.match(text, /FAILED: the resume did not read what the dry run saved/u);
  });

  it('fails where there is nothing to resume from, and warns where resuming was not tried', async () => {
    writeFileSync(join(world.workspace, 'train.py'), 'print("trained")');
    assert.match(textOf(await tried()), /FAILED: nothing could be resumed/u);
    const text = textOf(await tried({ resume: undefined }));
    assert.match(text, /Pre-flight passed[\s\S]*WARNING: it saves nothing that it could go on from/u);
  });

  it('fails where another program was tried, or the trial takes too long', async () => {
    assert.match(textOf(await tried({ dry: 'true' })), /FAILED: the dry run is no run of the same program/u);
    writeFileSync(join(world.workspace, 'train.py'), 'import time\ntime.sleep(600)');
    const text = textOf(await tried({ minutes: 0.02 }));
    assert.match(text, /FAILED: the dry run did not end in its time/u);
  });

  it('warns of files that the job would write over, and of packages that are not as asked for', async () => {
    mkdirSync(join(world.workspace, 'models'));
    writeFileSync(join(world.workspace, 'models', 'best.pt'), 'trained for a day');
    writeFileSync(join(world.workspace, 'requirements.txt'), 'numpy==0.0.1\nno-such-package-here>=2\n');
    const command = 'rm -f models/best.pt; python3 train.py --epochs 40';
    const text = textOf(await tried({ command }));
    assert.match(text, /WARNING: it may write over what is there[\s\S]*MAY WRITE OVER models\/best\.pt/u);
    if (report().packages.some(({ installed }) => installed !== undefined))
      assert.match(text, /asks for no-such-package-here, which is not installed/u);
    assert.equal(readFileSync(join(world.workspace, 'models', 'best.pt'), 'utf8'), 'trained for a day');
  });

  it('is not wanted where like runs of the ledger were short, whatever the model calls it, and is where it says long', async () => {
    settings = { mode: 'required', longMinutes: 1 };
    world.home.ledger = () => 'experiments/ledger.jsonl';
    mkdirSync(join(world.workspace, 'experiments'));
    writeFileSync(join(world.workspace, 'experiments', 'ledger.jsonl'), ledgerLine(2));
    assert.equal(await actionOf({ command: COMMAND }), 'not asked');
    await assert.rejects(actionOf({ command: COMMAND, long: true }), /it is expected to be long/u);
    writeFileSync(join(world.workspace, 'experiments', 'ledger.jsonl'), ledgerLine(7_200));
    await assert.rejects(actionOf({ command: COMMAND, long: false }), /it is expected to be long/u);
    settings = { mode: 'suggest', longMinutes: 1 };
    assert.match(await factsOf({ command: COMMAND }), /WARNING: about 2\.0 h are expected .* no pre-flight was made/u);
    settings = { mode: 'off', longMinutes: 1 };
    assert.equal(await factsOf({ command: COMMAND }), '');
  });

  describe('of a command that is run by Execute', () => {
    const judged = async (input: object, by = session()): Promise<string> => {
      const tool = executeTool(undefined, world.home);
      const action = await tool.action(tool.input.parse(input), by.context());
      return action.effect;
    };
    const ran = (seconds: number): void => {
      world.home.ledger = () => 'experiments/ledger.jsonl';
      mkdirSync(join(world.workspace, 'experiments'), { recursive: true });
      writeFileSync(join(world.workspace, 'experiments', 'ledger.jsonl'), ledgerLine(seconds));
    };

    it('is wanted where like runs were long, and where it trains by its words in the background', async () => {
      settings = { mode: 'required', longMinutes: 1 };
      assert.equal(await judged({ command: COMMAND }), 'execute');
      await assert.rejects(
        judged({ command: COMMAND, fireAndForget: true }),
        /Not started: how long it takes is not known.*Call Job with action preflight/su,
      );
      for (const command of ['npm run dev', 'python3 -m http.server', 'tensorboard --logdir runs/train'])
        assert.equal(await judged({ command, fireAndForget: true }), 'execute', command);
      ran(1_200);
      await assert.rejects(judged({ command: COMMAND }), /Not started: it is expected to be long.*action preflight/su);
      await assert.rejects(
        judged({ command: COMMAND }, new FakeSession({ host: world.host, inSubagent: true })),
        /You have no jobs: say in your last message/u,
      );
      assert.equal(await judged({ command: 'python3 train.py --epochs 1' }), 'execute');
      ran(2);
      assert.equal(await judged({ command: COMMAND, fireAndForget: true }), 'execute');
      settings = { mode: 'suggest', longMinutes: 1 };
      ran(7_200);
      assert.equal(await judged({ command: COMMAND, fireAndForget: true }), 'execute');
      const tool = executeTool(undefined, world.home);
      const preview = await tool.preview?.(tool.input.parse({ command: COMMAND }), session().context());
      assert.match((preview?.facts ?? []).join(), /WARNING: about 2\.0 h are expected .* no pre-flight was made/u);
    });

    it('that passed opens the job of it, not the command', async () => {
      await tried();
      settings = { mode: 'required', longMinutes: 0.0001 };
      await assert.rejects(judged({ command: COMMAND }), /its pre-flight passed. Call Job with action start/u);
    });

    it('is said to be missing where it became a job while it ran', async () => {
      const out = (mode: PreflightSettings['mode'], command: string): Promise<ToolOutput> => {
        settings = { mode, longMinutes: 30 };
        return session().call(executeTool(undefined, world.home), { command, timeout: 1 });
      };
      try {
        const text = textOf(await out('required', 'sleep 300'));
        assert.match(text, /Goes on as job .*\nIt has had no pre-flight\. The user wants one before a long run: tell/u);
        const [first] = await jobs();
        assert.match(first?.found.record.missing.join() ?? '', /a pre-flight that holds \(none was made\)/u);
        assert.match(
          JSON.stringify(first?.found.events),
          /problem.*runs without a pre-flight.*your settings want one/u,
        );
        assert.match(textOf(await out('suggest', 'sleep 301')), /\nIt has had no pre-flight\.\n/u);
        assert.deepEqual((await jobs())[0]?.found.events, []);
        assert.doesNotMatch(textOf(await out('off', 'sleep 302')), /pre-flight/u);
      } finally {
        for (const job of await jobs()) killGroup(job.found.process?.pid ?? 0);
      }
    });

    const jobs = async (): Promise<JobStatus[]> => {
      const all = await listJobs({ state: world.home.state, folders: [world.workspace] });
      return all.filter((one): one is JobStatus => !isDamaged(one));
    };
  });

  it('masks secrets in what it keeps', async () => {
    world.home.preflight = () => settings;
    const secret = 'hunter2-hunter2-hunter2';
    const home = { ...world.home, secrets: [secret] };
    const dry = `TOKEN_FOR_IT=${secret} python3 train.py --epochs 1 --out {out}; echo ${secret}; python3 train.py`;
    await session().call(jobTool(home), { action: 'preflight', command: COMMAND, dry });
    assert.ok(!JSON.stringify(report()).includes(secret));
  });
});

function jobIn(text: string): { id: string; folder: string } {
  const [, folder = '', id = ''] = /Recorded in (\S+?(\d{8}T\d{6}-[0-9a-f]{6})):/u.exec(text) ?? [];
  return { id, folder };
}

function ledgerLine(seconds: number): string {
  return `${JSON.stringify({
    ...{ v: 1, kind: 'run', id: '20260101T000000-aaaaaa', at: '2026-01-01T00:00:00Z', title: 't' },
    ...{ command: 'python3 train.py --epochs 40 --seed 1', cwd: '.', state: 'ok', exit: 0, seconds },
    ...{ metrics: [], seeds: [], data: [], environment: {}, artefacts: [], session: 's' },
  })}\n`;
}
