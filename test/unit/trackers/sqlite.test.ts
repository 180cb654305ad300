import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDatabase } from '../../../src/trackers/sqlite/pages';
import { eachRow, tablesOf, type Row } from '../../../src/trackers/sqlite/tables';

/** What SQLite itself makes and reads; each prints what a reader must find. */
const MAKE = `
import json, random, sqlite3, sys, os
path, kind, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
random.seed(seed)
base = sqlite3.connect(path, isolation_level=None)
base.execute('pragma synchronous=off')
base.execute(f"pragma page_size={random.choice([512, 1024, 4096, 65536])}")
base.execute(f"pragma encoding='{random.choice(['UTF-8', 'UTF-16le', 'UTF-16be'])}'")
if kind == 'wal':
    base.execute('pragma journal_mode=wal')
    base.execute('pragma wal_autocheckpoint=0')
base.execute('create table "t" (id integer not null, "the key" varchar(9), -- a, remark\\n v float default (1+2), constraint k primary key (id), check (v in (1, 2) or 1))')
base.execute('create table other (a, b)')
def text():
    return ''.join(random.choice('abc,é漢\\U0001f600"') for _ in range(random.choice([0, 3, 40, 700, 9000])))
def value():
    return random.choice([None, random.randint(-2**53 + 1, 2**53 - 1), random.randint(-200, 200), random.random() * 1e9, 0, 1, text(), -1.5])
base.execute('begin')
for at in range(random.choice([0, 1, 30, 400])):
    base.execute('insert into t values (?, ?, ?)', (at * 3 + 1, text(), value()))
    base.execute('insert into other values (?, ?)', (value(), value()))
base.execute('commit')
base.execute('delete from t where id % 5 = 0')
base.execute('alter table t add column late')
base.execute("insert into t (id, late) values (1000000, 'late')")
if kind == 'wal':
    base.execute('pragma wal_checkpoint(passive)')
    base.execute("update t set v = 42 where id % 2 = 0")
    base.execute('begin'); base.execute('insert into t (id) values (2000000)')
    base.execute('pragma cache_spill=1')
seen = sqlite3.connect(path)
print(json.dumps([list(row) for row in seen.execute('select id, "the key", v, late from t order by id')]))
sys.stdout.flush()
# Neither a last checkpoint nor a clean end.
os._exit(0)
`;

describe('a database of SQLite', function () {
  this.timeout(60_000);
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sqlite-'));
    path = join(folder, 'a.db');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const make = (kind: string, seed: number): unknown =>
    JSON.parse(execFileSync('python3', ['-c', MAKE, path, kind, String(seed)], { encoding: 'utf8' }));
  const rows = (): Promise<unknown[]> =>
    readDatabase(path, async (pages) => {
      const table = (await tablesOf(pages)).get('t');
      const found: Row[] = [];
      if (table) await eachRow(pages, table, ['id', 'the key', 'v', 'late'], (row) => found.push(row));
      return found.map((row) => Object.values(row)).sort(([a], [b]) => Number(a) - Number(b));
    });

  for (const kind of ['delete', 'wal'])
    it(`is read as SQLite itself reads it, whatever its pages and letters: ${kind}`, async () => {
      for (let seed = 1; seed <= 4; seed++) {
        await rm(folder, { recursive: true, force: true });
        await mkdtemp(join(tmpdir(), 'sqlite-')).then((made) => ((folder = made), (path = join(made, 'a.db'))));
        const expected = make(kind, seed);
        assert.deepEqual(await rows(), expected, `seed ${seed}`);
      }
    });

  it('is not changed by being read, and no file comes up beside it', async () => {
    make('wal', 3);
    const before = [await readFile(path), await readFile(`${path}-wal`)];
    await rows();
    assert.deepEqual([await readFile(path), await readFile(`${path}-wal`)], before);
  });

  it('gives a reason, not a crash and not a wrong row of it, where it is cut off or damaged', async () => {
    make('delete', 4);
    const whole = await readFile(path);
    const expected = (await rows()).length;
    for (const at of [0, 10, 99, 100, 300, Math.floor(whole.length / 2)]) {
      await writeFile(path, whole.subarray(0, at));
      await assert.rejects(rows(), { name: 'UserError' });
    }
    let read = 0;
    for (let turn = 0; turn < 60; turn++) {
      const bytes = Buffer.from(whole);
      for (let hit = 0; hit < 40; hit++) bytes[(turn * 7_919 + hit * 104_729) % bytes.length] = (turn * 31 + hit) & 255;
      await writeFile(path, bytes);
      await rows().then(
        (found) => (read = Math.max(read, found.length)),
        (error: Error) => assert.equal(error.name, 'UserError', error.stack),
      );
    }
    assert.ok(read <= expected * 2);
  });

  it('says that a write into it was broken off, and reads nothing of half a change', async () => {
    make('delete', 2);
    await writeFile(`${path}-journal`, Buffer.from('d9d505f920a163d70000', 'hex'));
    await assert.rejects(rows(), /broken off/u);
  });
});
