import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ended,
  GaveUp,
  NotInTime,
  NotYet,
  waitFor,
  waitForCount,
  waitForEvent,
  waitForExit,
  waitForFile,
  waitForHttp,
} from '../../../skills/condition-based-waiting/scripts/wait-for';

/** A condition that becomes `value` with its so-many-th look. */
function after<T>(looks: number, value: T): (() => T | undefined) & { calls: number } {
  const condition = (): T | undefined => ((condition.calls += 1) >= looks ? value : undefined);
  condition.calls = 0;
  return condition;
}

describe('waiting for a condition (the TypeScript that the skill ships)', () => {
  it('gives the value that ended the wait, and looks no further', async () => {
    const condition = after(3, 'row 7');
    assert.equal(await waitFor(condition, 'the row', { intervalMs: 1 }), 'row 7');
    assert.equal(condition.calls, 3);
    assert.deepEqual(await waitFor(async () => [1], 'the rows'), [1]);
  });

  it('names condition, time, looks and the last value when the limit passes', async () => {
    const expected = {
      name: 'NotInTime',
      message: /^waited \d+ ms \(limit 30 ms, \d+ looks\) for the queue to drain; last seen: 0$/u,
    };
    await assert.rejects(
      waitFor(() => 0, 'the queue to drain', { timeoutMs: 30, intervalMs: 5 }),
      expected,
    );
    await assert.rejects(
      waitFor(() => new NotYet('3 of 8 shards'), 'the shards', { timeoutMs: 0 }),
      /1 look\) for the shards; last seen: 3 of 8 shards/u,
    );
  });

  it('looks once more after a pause that was cut by the limit', async () => {
    assert.equal(await waitFor(after(2, 1), 'it', { timeoutMs: 30, intervalMs: 60_000 }), 1);
  });

  it('ends at the limit also when a look hangs', async () => {
    await assert.rejects(
      waitFor(() => new Promise<boolean>(() => undefined), 'it', { timeoutMs: 20 }),
      /last seen: a look that did not end/u,
    );
  });

  it('passes errors on unless they are to be ignored', async () => {
    const broken = (): never => {
      throw new RangeError('no such run');
    };
    await assert.rejects(waitFor(broken, 'the metric'), RangeError);
    await assert.rejects(
      waitFor(broken, 'the metric', { timeoutMs: 10, ignore: (error) => error instanceof RangeError }),
      /last seen: RangeError: no such run/u,
    );
  });

  it('gives up at once for a reason, but not when the condition holds', async () => {
    const unless = (): string => 'the process ended';
    await assert.rejects(
      waitFor(() => false, 'the server', { timeoutMs: 600_000, unless }),
      GaveUp,
    );
    assert.equal(await waitFor(() => 1, 'it', { unless }), 1);
  });

  it('stops in the middle of a pause with the reason of who stopped it', async () => {
    const stop = new AbortController();
    const waiting = waitFor(() => false, 'it', { timeoutMs: 600_000, intervalMs: 600_000, signal: stop.signal });
    setTimeout(() => stop.abort(), 10);
    await assert.rejects(waiting, { name: 'AbortError' });
  });

  it('refuses limits that make no sense', async () => {
    await assert.rejects(
      waitFor(() => true, 'it', { intervalMs: 0 }),
      RangeError,
    );
    await assert.rejects(
      waitFor(() => true, 'it', { timeoutMs: -1 }),
      RangeError,
    );
  });

  it('finds an event that came before or is falsy, and names one that is missing', async () => {
    assert.equal(await waitForEvent([3, 0], (event) => event < 1), 0);
    const events = ['start'];
    setTimeout(() => events.push('stop'), 20);
    assert.equal(await waitForEvent(events, (event) => event === 'stop', 'the stop', { intervalMs: 2 }), 'stop');
    await assert.rejects(
      waitForEvent(
        () => events,
        (event) => event === 'x',
        'the x',
        { timeoutMs: 0 },
      ),
      /for the x/u,
    );
  });

  it('counts, gives a copy, and says how many there were', async () => {
    const items = [1, 2];
    const found = await waitForCount(items, 2);
    items.push(3);
    assert.deepEqual(found, [1, 2]);
    await assert.rejects(waitForCount(items, 4, '4 shards', { timeoutMs: 0 }), /for 4 shards; last seen: 3$/u);
  });

  describe('on files', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'wait-'));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    it('does not take one that still grows for complete', async () => {
      const path = join(folder, 'model.pt');
      let writes = 0;
      const writer = setInterval(() => {
        void appendFile(path, 'x'.repeat(10));
        if (++writes === 20) clearInterval(writer);
      }, 20);
      await waitForFile(path, { stableForMs: 800, timeoutMs: 60_000 });
      assert.equal((await stat(path)).size, 200);
    });

    it('does not take an empty or missing one for complete', async () => {
      await writeFile(join(folder, 'empty'), '');
      for (const name of ['empty', 'missing'])
        await assert.rejects(waitForFile(join(folder, name), { timeoutMs: 20, stableForMs: 0 }), NotInTime);
    });

    it('lets a marker decide', async () => {
      const [path, marker] = [join(folder, 'model.pt'), join(folder, 'model.pt.done')];
      await writeFile(path, 'weights');
      await assert.rejects(waitForFile(path, { marker, timeoutMs: 20 }), NotInTime);
      await writeFile(marker, '');
      assert.equal(await waitForFile(path, { marker, timeoutMs: 10_000 }), path);
    });
  });

  it('waits until a server answers as wanted, and says what it answered last', async () => {
    let answers = 0;
    const server = createServer((_, response) => {
      response.writeHead(++answers < 3 ? 503 : 200).end(answers < 3 ? 'loading' : 'ready');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ready`;
    try {
      await assert.rejects(waitForHttp(url, { timeoutMs: 0 }), /answer 200; last seen: (status 503, loading|a look)/u);
      answers = 0;
      assert.equal(await waitForHttp(url, { intervalMs: 5 }), 'ready');
    } finally {
      server.closeAllConnections();
      server.close();
    }
    await assert.rejects(waitForHttp('no-url'), TypeError);
  });

  it('gives the exit code of a process, and ends a wait for a server that died', async () => {
    const child = spawn(process.execPath, ['-e', 'process.exit(4)'], { stdio: 'ignore' });
    assert.equal(await waitForExit(child, { timeoutMs: 60_000 }), 4);
    const waiting = waitForHttp('http://127.0.0.1:9/', { timeoutMs: 600_000, unless: () => ended(child) });
    await assert.rejects(waiting, /gave up .* ended with 4$/u);
  });
});
