import { open, stat, statfs } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import type { Series } from '../metrics/series';
import { BesideFiles } from './beside';
import type { Eyes, EyesOf, Readings, Seen } from './eyes';
import { beganAt, isOver } from './job';
import type { JobStatus } from './jobs';
import { keepReadings, keptReadings, type Kept } from './kept';

/** Read in one go; others get their turn between. */
const PIECE_BYTES = 512 * 1024;

/** Reads a job's growing log, and the files that it logs into, piece by piece from their start. */
export class JobReading {
  readonly #eyes: Eyes;
  readonly #beside: BesideFiles;
  readonly #decoder = new StringDecoder('utf8');
  readonly #log: string;
  readonly #cwd: string;
  #offset = 0;
  #taken = 0;
  #lastOutput: number;

  /** Of a job that is over, and was read to its end before, nothing is read again. */
  static async of(status: JobStatus, eyes: EyesOf): Promise<JobReading> {
    const kept = isOver(status.state) ? await keptReadings(status.folder) : undefined;
    const size = kept && (await stat(status.found.record.log).catch(() => undefined))?.size;
    const { watches } = status.found.record;
    return new JobReading(status, await eyes(watches), kept?.bytes === size ? kept : undefined);
  }

  private constructor(
    { found: { record } }: JobStatus,
    eyes: Eyes,
    private readonly kept: Kept | undefined,
  ) {
    this.#eyes = eyes;
    this.#log = record.log;
    this.#cwd = record.cwd;
    this.#lastOutput = Date.parse(record.startedAt);
    this.#beside = new BesideFiles(record.cwd, this.#lastOutput, (metric) => {
      this.#taken += 1;
      this.#eyes.take?.(metric);
    });
  }

  /** Grows with what was read. */
  get seen(): number {
    return this.#offset + this.#taken;
  }

  readings(): Readings {
    return this.kept?.readings ?? this.#eyes.readings();
  }

  readonly series = (): Series[] => this.kept?.series ?? this.#eyes.series?.() ?? [];

  async catchUp({ state }: JobStatus, signal: AbortSignal): Promise<void> {
    if (this.kept) return;
    await this.#readLog(signal);
    if (this.#eyes.take) await this.#beside.catchUp(signal, state.state === 'ended');
    // What has no end of its line gets none any more.
    if (state.state === 'ended') this.#eyes.read('\n', this.#lastOutput);
  }

  async firing({ state, found }: JobStatus): Promise<Seen[]> {
    // What waits in a queue is silent, and nothing of it can go wrong.
    if (this.kept || state.state === 'waiting') return [];
    const { exit, events } = found;
    const disk = await statfs(this.#cwd).catch(() => undefined);
    const ended = state.state === 'ended' ? { code: exit?.code ?? null, signal: exit?.signal ?? null } : undefined;
    return this.#eyes.firing({
      now: Date.now(),
      began: beganAt(found),
      lastOutput: Math.max(this.#lastOutput, beganAt(found), this.#beside.lastOutput),
      ...(disk ? { diskFree: disk.bavail * disk.bsize } : {}),
      ...(ended ? { ended } : {}),
      stopped: events.some(({ type }) => type === 'stop'),
    });
  }

  /** Keeps what was read of a job that is over. */
  async keep({ folder }: JobStatus): Promise<void> {
    if (this.kept || !this.#eyes.series) return;
    await keepReadings(folder, { bytes: this.#offset, readings: this.readings(), series: this.series() });
  }

  async #readLog(signal: AbortSignal): Promise<void> {
    const found = await stat(this.#log).catch(() => undefined);
    if (!found || found.size <= this.#offset) return;
    this.#lastOutput = found.mtimeMs;
    const file = await open(this.#log, 'r');
    try {
      const piece = Buffer.alloc(Math.min(PIECE_BYTES, found.size - this.#offset));
      while (this.#offset < found.size) {
        signal.throwIfAborted();
        const length = Math.min(piece.length, found.size - this.#offset);
        const { bytesRead } = await file.read(piece, 0, length, this.#offset);
        if (bytesRead === 0) return;
        this.#offset += bytesRead;
        this.#eyes.read(this.#decoder.write(piece.subarray(0, bytesRead)), found.mtimeMs);
      }
    } finally {
      await file.close();
    }
  }
}
