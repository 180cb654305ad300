import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dayLedger, spendingFolder } from '../../../src/host/day-ledger';

describe('the ledger of a day', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledger-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const at = (text: string) => (): Date => new Date(text);
  const NOON = at('2026-11-25T12:00:00');

  it('is empty at first, and sums what all who share it add, each at any time', async () => {
    const ledgers = Array.from({ length: 4 }, () => dayLedger(join(folder, 'spending'), NOON));
    assert.deepEqual(await ledgers[0]?.today(), { day: '2026-11-25', usd: 0, tokens: 0 });
    await Promise.all(
      ledgers.flatMap((ledger) => Array.from({ length: 25 }, () => ledger.add({ usd: 0.25, tokens: 10 }))),
    );
    for (const ledger of ledgers) assert.deepEqual(await ledger.today(), { day: '2026-11-25', usd: 25, tokens: 1_000 });
    await ledgers[1]?.add({ usd: 1, tokens: 1 });
    assert.equal((await ledgers[0]?.today())?.usd, 26);
  });

  it('begins anew with the day, and forgets days of long ago', async () => {
    await dayLedger(folder, at('2026-10-01T12:00:00')).add({ usd: 1, tokens: 1 });
    await dayLedger(folder, at('2026-11-24T23:59:00')).add({ usd: 1, tokens: 1 });
    let now = at('2026-11-24T23:59:30')();
    const ledger = dayLedger(folder, () => now);
    assert.equal((await ledger.today()).usd, 1);
    now = at('2026-11-25T00:00:30')();
    assert.deepEqual(await ledger.today(), { day: '2026-11-25', usd: 0, tokens: 0 });
    assert.deepEqual(await readdir(folder), ['2026-11-24.jsonl']);
  });

  it('gives no money a second time when the clock goes back by a day', async () => {
    await dayLedger(folder, NOON).add({ usd: 4, tokens: 1 });
    const back = dayLedger(folder, at('2026-11-24T23:00:00'));
    assert.deepEqual(await back.today(), { day: '2026-11-25', usd: 4, tokens: 1 });
    await back.add({ usd: 1, tokens: 0 });
    assert.equal((await dayLedger(folder, NOON).today()).usd, 5);
    // One that was years ahead must not hold every day until then.
    await dayLedger(folder, at('2030-01-01T12:00:00')).add({ usd: 9, tokens: 0 });
    assert.equal((await dayLedger(folder, NOON).today()).usd, 5);
  });

  it('loses a torn or strange line alone', async () => {
    const ledger = dayLedger(folder, NOON);
    await ledger.add({ usd: 1, tokens: 1 });
    await appendFile(join(folder, '2026-11-25.jsonl'), 'no json\n{"usd":-5,"tokens":0}\n{"usd":"9"}\n{"usd":7,"to');
    assert.equal((await ledger.today()).usd, 1);
    await ledger.add({ usd: 2, tokens: 1 });
    assert.equal((await ledger.today()).usd, 3);
    assert.equal((await dayLedger(folder, NOON).today()).usd, 3);
  });

  it('puts the money of a day down to model, droid and skill, over all who share it', async () => {
    const [one, other] = [dayLedger(folder, NOON), dayLedger(folder, NOON)];
    await one.add({ usd: 1, tokens: 1, model: 'm', droid: 'ml-engineer', skill: '' });
    await other.add({ usd: 3, tokens: 1, model: 'n', droid: 'scout', skill: 'testing' });
    await one.add({ usd: 0, tokens: 9, model: 'own', droid: 'scout', skill: 'testing', unpriced: true });
    // As an earlier version wrote it.
    await appendFile(join(folder, '2026-11-25.jsonl'), '{"usd":2,"tokens":5}\n');
    await one.today();
    const { models, droids, skills } = one.costs();
    assert.deepEqual(
      models.map(({ name, usd, unknown }) => [name, usd, unknown]),
      [
        ['n', 3, 0],
        ['', 2, 0],
        ['m', 1, 0],
        ['own', 0, 1],
      ],
    );
    assert.deepEqual(
      droids.map(({ name, usd }) => [name, usd]),
      [
        ['scout', 3],
        ['', 2],
        ['ml-engineer', 1],
      ],
    );
    assert.deepEqual(skills[0], { name: 'testing', usd: 3, unknown: 1 });
    for (const list of [models, droids, skills])
      assert.equal(
        list.reduce((sum, { usd }) => sum + usd, 0),
        (await one.today()).usd,
      );
  });

  it('says that it cannot count, and what to do, where its folder is none', async () => {
    await writeFile(join(folder, 'file'), '');
    const ledger = dayLedger(join(folder, 'file'), NOON);
    await assert.rejects(ledger.add({ usd: 1, tokens: 1 }), /cannot be counted in .*file[\s\S]*take out the budget/u);
    await assert.rejects(ledger.today(), /cannot be counted/u);
  });

  it('lies in one place for the editor and the terminal', () => {
    assert.equal(spendingFolder({}, '/home/ada'), join('/home/ada', '.local', 'state', 'ml-engineer', 'spending'));
    assert.equal(spendingFolder({ XDG_STATE_HOME: '/s' }, '/home/ada'), join('/s', 'ml-engineer', 'spending'));
  });
});
