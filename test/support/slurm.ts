import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './jobs';

const SBIN = ['/usr/sbin', '/usr/local/sbin'];

/** Why there can be no cluster here; `undefined` where there can. */
export function whyNoSlurm(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may start a Slurm of its own here';
  const missing = ['munged', 'slurmctld', 'slurmd', 'sbatch'].filter((name) => programAt(name) === undefined);
  return missing.length === 0 ? undefined : `${missing.join(', ')} cannot be found: scripts/system-packages.mjs`;
}

function programAt(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), ...SBIN];
  return folders.map((folder) => join(folder, name)).find((path) => isThere(path));
}

function isThere(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    return false;
  }
}

/** A whole Slurm on this machine, in a folder and on ports of its own: a controller, one node, and keys for both. */
export class SlurmCluster {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'ml-slurm-')));
  readonly config = join(this.root, 'slurm.conf');
  readonly #node = hostname().split('.')[0] ?? 'localhost';
  readonly #daemons = new Map<string, ChildProcess>();

  async start(): Promise<void> {
    // munged wants its socket to be reachable for all.
    chmodSync(this.root, 0o755);
    const key = join(this.root, 'munge.key');
    writeFileSync(key, randomBytes(1_024), { mode: 0o400 });
    for (const folder of ['state', 'spool']) mkdirSync(join(this.root, folder));
    const [controller, node] = [await freePort(), await freePort()];
    writeFileSync(this.config, this.#settings(controller, node));
    const at = (name: string): string => join(this.root, name);
    const files = ['socket', 'pid-file', 'log-file', 'seed-file'].map((name) => `--${name}=${at(`munge.${name}`)}`);
    this.#run('munged', ['--foreground', `--key-file=${key}`, '--num-threads=2', ...files]);
    await until(async () => isSocket(at('munge.socket')) || undefined, 'munged to listen');
    await this.startController();
    await this.startNode();
  }

  async startController(): Promise<void> {
    this.#run('slurmctld', ['-D', '-f', this.config]);
    await until(async () => this.#ask('scontrol', 'ping').includes('UP') || undefined, 'slurmctld to answer');
  }

  async startNode(): Promise<void> {
    this.#run('slurmd', ['-D', '-f', this.config]);
    await this.nodeIsUp();
  }

  async nodeIsUp(): Promise<void> {
    await until(
      async () => /^(?:idle|mixed|allocated)$/mu.test(this.#ask('sinfo', '-h', '-o', '%T')) || undefined,
      'the node',
    );
  }

  /** As a machine that goes dark: nothing of it is told to anybody. */
  async killController(): Promise<void> {
    await this.#kill('slurmctld');
  }

  /** The node's daemon, and all that it started. */
  async killNode(): Promise<void> {
    await this.#kill('slurmd');
    this.#killWorkers();
  }

  /** The file of completed jobs. */
  completed(): string {
    return readFileSync(join(this.root, 'completed.txt'), 'utf8');
  }

  /** All that a controller which is down would know when it is back. */
  async forget(): Promise<void> {
    rmSync(join(this.root, 'state'), { recursive: true });
    mkdirSync(join(this.root, 'state'));
  }

  async stop(): Promise<void> {
    for (const name of ['slurmctld', 'slurmd', 'munged']) await this.#kill(name);
    this.#killWorkers();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  #settings(controller: number, node: number): string {
    const at = (name: string): string => join(this.root, name);
    return `
ClusterName=tests
SlurmctldHost=${this.#node}(127.0.0.1)
SlurmctldPort=${controller}
SlurmdPort=${node}
AuthType=auth/munge
AuthInfo=socket=${at('munge.socket')}
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=${at('state')}
SlurmdSpoolDir=${at('spool')}
SlurmctldPidFile=${at('slurmctld.pid')}
SlurmdPidFile=${at('slurmd.pid')}
SlurmctldLogFile=${at('slurmctld.log')}
SlurmdLogFile=${at('slurmd.log')}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
MpiDefault=none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=${at('completed.txt')}
ReturnToService=2
SlurmdTimeout=4
KillWait=2
MessageTimeout=2
MinJobAge=2
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,batch_sched_delay=1,sched_min_interval=0
DefMemPerCPU=100
NodeName=${this.#node} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000
PartitionName=main Nodes=${this.#node} Default=YES MaxTime=60 State=UP
`;
  }

  #run(name: string, args: readonly string[]): void {
    const program = programAt(name);
    if (program === undefined) throw new Error(`${name} is not there`);
    // Of its own process group: what ends the test by a key must not reach it before the test can.
    const child = spawn(program, args, { stdio: 'ignore', detached: true, env: this.#env() });
    child.on('error', () => undefined);
    this.#daemons.set(name, child);
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, SLURM_CONF: this.config };
  }

  #ask(name: string, ...args: string[]): string {
    try {
      return execFileSync(name, args, {
        env: this.#env(),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 20_000,
      });
    } catch {
      return '';
    }
  }

  async #kill(name: string): Promise<void> {
    const child = this.#daemons.get(name);
    this.#daemons.delete(name);
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** slurmstepd stands apart from slurmd, so that jobs live on without it; each has what it needs of this cluster in its environment. */
  #killWorkers(): void {
    for (let round = 0; round < 5; round++) {
      const left = readdirSync('/proc').filter(
        (pid) => /^\d+$/u.test(pid) && Number(pid) !== process.pid && this.#isOurs(pid),
      );
      if (left.length === 0) return;
      for (const pid of left)
        try {
          process.kill(Number(pid), 'SIGKILL');
        } catch {
          // It has ended.
        }
    }
  }

  #isOurs(pid: string): boolean {
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`SLURM_CONF=${this.config}`))
        return /^(?:slurmstepd|slurm_script)/u.test(readFileSync(`/proc/${pid}/comm`, 'utf8')) || hasJob(pid);
      return false;
    } catch {
      return false;
    }
  }
}

function hasJob(pid: string): boolean {
  return readFileSync(`/proc/${pid}/environ`, 'utf8').includes('SLURM_JOB_ID=');
}

function isSocket(path: string): boolean {
  try {
    return readdirSync(join(path, '..')).includes('munge.socket');
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
