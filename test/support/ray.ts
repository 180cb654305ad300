import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from './jobs';
import { pythonProgram } from './python';

/** A machine at its limits takes minutes to load so much Python; nothing is waited for that does not come. */
const START_MS = 300_000;
const TRIES = 2;
/** Ray's own program gives its raylet 30 s, which such a machine does not keep: its clock goes slower here. */
const PROGRAM = `
import time, types
import ray._private.node as node
node.time = types.SimpleNamespace(**vars(time))
node.time.monotonic = lambda: time.monotonic() / 10
from ray.scripts.scripts import main
main()
`;

type Part = 'head' | 'worker';

/** Ray listens on all addresses, whatever it is told. So it gets a network of its own, with nothing in it but a loopback. */
const NETWORK = `
const { connect, createServer } = require('node:net');
require('node:child_process').execFileSync('python3', ['-c', \`
import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh14x', b'lo', 0x1))  # SIOCSIFFLAGS: up
\`]);
createServer((socket) => {
  const inner = connect(8265, '127.0.0.1');
  for (const one of [socket, inner]) one.on('error', () => { socket.destroy(); inner.destroy(); });
  socket.pipe(inner).pipe(socket);
}).listen(process.argv[1]);
`;

/** Why there can be no cluster here; \`undefined\` where there can. */
export function whyNoRay(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'only root may give Ray a network of its own here';
}

/** A Ray cluster on this machine: a head that runs no jobs, and one worker with one CPU. */
export class RayCluster {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'mlr-')));
  readonly #parts = new Map<Part, ChildProcess>();
  #network: ChildProcess | undefined;
  #door: Server | undefined;

  get address(): string {
    return `http://127.0.0.1:${(this.#door?.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    const socket = join(this.root, 'door');
    this.#network = spawn('unshare', ['--net', process.execPath, '-e', NETWORK, socket], { stdio: 'ignore' });
    await until(async () => existsSync(socket) || undefined, 'a network');
    this.#door = createServer((outer) => {
      const inner = connect(socket);
      for (const one of [outer, inner])
        one.on('error', () => {
          outer.destroy();
          inner.destroy();
        });
      outer.pipe(inner).pipe(outer);
    });
    await once(this.#door.listen(0, '127.0.0.1'), 'listening');
    await this.startHead();
    await this.startWorker();
  }

  async startHead(): Promise<void> {
    const dashboard = ['--include-dashboard=true', '--dashboard-host=127.0.0.1', '--dashboard-port=8265'];
    const place = ['--head', '--port=6379', '--node-ip-address=127.0.0.2', `--temp-dir=${this.root}`];
    await this.#run('head', [...place, ...dashboard, '--num-cpus=0'], async () => (await this.nodes()) >= 1);
  }

  async startWorker(): Promise<void> {
    const place = ['--address=127.0.0.2:6379', '--node-ip-address=127.0.0.3'];
    await this.#run('worker', [...place, '--num-cpus=1'], async () => (await this.nodes()) >= 2);
  }

  /** As a machine that goes dark, with all that runs on it. */
  kill(part: Part): void {
    const mark = `ML_ENGINEER_RAY=${this.root}/${part}\0`;
    this.#parts.delete(part);
    for (let round = 0; round < 10; round++) {
      const pids = readdirSync('/proc').filter((pid) => /^\d+$/u.test(pid) && hasInEnvironment(pid, mark));
      if (pids.length === 0) return;
      for (const pid of pids) killOne(Number(pid));
    }
  }

  stop(): void {
    this.kill('worker');
    this.kill('head');
    this.#door?.close();
    this.#network?.kill('SIGKILL');
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  /** How many nodes can take a job; 0 where nothing answers. */
  async nodes(): Promise<number> {
    const answer = await fetch(`${this.address}/nodes?view=summary`, { signal: AbortSignal.timeout(5_000) })
      .then((response) => response.json() as Promise<{ data?: { summary?: { raylet?: { state?: string } }[] } }>)
      .catch(() => undefined);
    return (answer?.data?.summary ?? []).filter(({ raylet }) => raylet?.state === 'ALIVE').length;
  }

  async #run(part: Part, args: readonly string[], isUp: () => Promise<boolean>): Promise<void> {
    const env = {
      ...process.env,
      RAY_USAGE_STATS_ENABLED: '0',
      RAY_DASHBOARD_STARTUP_TIMEOUT_S: '240',
      RAY_DASHBOARD_SUBPROCESS_MODULE_WAIT_READY_TIMEOUT: '240',
      // How soon a node that goes dark counts as gone.
      RAY_health_check_initial_delay_ms: '2000',
      RAY_health_check_period_ms: '1000',
      RAY_health_check_failure_threshold: '3',
      ML_ENGINEER_RAY: `${this.root}/${part}`,
    };
    const all = ['start', '--block', '--disable-usage-stats', '--object-store-memory=80000000', ...args];
    for (let tried = 1; ; tried++) {
      const inside = [`--net=/proc/${this.#network?.pid}/ns/net`, pythonProgram('python'), '-c', PROGRAM, ...all];
      const child = spawn('nsenter', inside, { stdio: 'ignore', detached: true, env });
      child.on('error', () => undefined);
      this.#parts.set(part, child);
      for (const end = Date.now() + START_MS; Date.now() < end && child.exitCode === null; await delay(250))
        if (await isUp()) return;
      this.kill(part);
      if (tried === TRIES) throw new Error(`the ${part} of Ray did not start`);
    }
  }
}

function hasInEnvironment(pid: string, mark: string): boolean {
  try {
    return `${readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`.includes(mark);
  } catch {
    return false;
  }
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
