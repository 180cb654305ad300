import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { DayCosts, DayCostLedger, PaidFor, Spending } from '../agent/budget';
import { UserError } from '../agent/tool';

const lineSchema = z.object({
  usd: z.number().min(0),
  tokens: z.number().min(0),
  /** Lines of an earlier version have no names. */
  model: z.string().default(''),
  droid: z.string().default(''),
  skill: z.string().default(''),
  unpriced: z.boolean().default(false),
});
type Line = z.infer<typeof lineSchema>;
const FILE = /^(?<day>\d{4}-\d{2}-\d{2})\.jsonl$/u;
const KEPT_DAYS = 31;
const DAY_MS = 86_400_000;

/** Where what all sessions of a user cost is counted: one place for all windows and terminals. */
export function spendingFolder(env: NodeJS.ProcessEnv, home: string): string {
  return join(env['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'ml-engineer', 'spending');
}

/** How far a day's file was read, and the sum up to there. */
interface Read extends Spending {
  day: string;
  bytes: number;
  paid: Readonly<Record<keyof DayCosts, ReadonlyMap<string, PaidFor>>>;
}

const NOTHING: Omit<Read, 'day'> = {
  ...{ bytes: 0, usd: 0, tokens: 0 },
  paid: { models: new Map(), droids: new Map(), skills: new Map() },
};
const NAMES: readonly [keyof DayCosts, 'model' | 'droid' | 'skill'][] = [
  ['models', 'model'],
  ['droids', 'droid'],
  ['skills', 'skill'],
];

/**
 * One file a day, to which each request adds a line: many processes append to it, none rewrites it, so no lock is needed.
 * A day never goes back by one: while there is a file of tomorrow, its day is the one that counts, since a clock that was
 * set back, or a journey to the west, must not give today's money a second time.
 */
export function dayLedger(folder: string, now: () => Date = () => new Date()): DayCostLedger {
  let read: Read = { day: '', ...NOTHING };
  return {
    async add(spent) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const file = await open(pathOf(folder, await dayIn(folder, now())), 'a', 0o600);
        try {
          // One write of one line, which the system appends as a whole. It begins anew behind a line that was torn.
          await file.appendFile(`\n${JSON.stringify(spent)}\n`);
          await file.datasync();
        } finally {
          await file.close();
        }
      } catch (error) {
        throw unusable(folder, error);
      }
    },
    async today() {
      try {
        const day = await dayIn(folder, now());
        if (read.day !== day) {
          read = { day, ...NOTHING };
          await forgetOld(folder, now());
        }
        read = await readOn(pathOf(folder, day), read);
        return { day, usd: read.usd, tokens: read.tokens };
      } catch (error) {
        throw unusable(folder, error);
      }
    },
    costs: () => ({
      models: listed(read.paid.models),
      droids: listed(read.paid.droids),
      skills: listed(read.paid.skills),
    }),
  };
}

function listed(paid: ReadonlyMap<string, PaidFor>): PaidFor[] {
  return [...paid.values()].sort((a, b) => b.usd - a.usd || b.unknown - a.unknown);
}

/** A sum with one more payment in it. */
function withLine(sum: Read, line: Line): Read {
  const paid = { ...sum.paid };
  for (const [list, key] of NAMES) {
    const name = line[key];
    const before = sum.paid[list].get(name) ?? { name, usd: 0, unknown: 0 };
    const now = { name, usd: before.usd + line.usd, unknown: before.unknown + (line.unpriced ? 1 : 0) };
    paid[list] = new Map(sum.paid[list]).set(name, now);
  }
  return { ...sum, usd: sum.usd + line.usd, tokens: sum.tokens + line.tokens, paid };
}

function pathOf(folder: string, day: string): string {
  return join(folder, `${day}.jsonl`);
}

/** The local day. */
function dayOf(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

async function daysIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.flatMap((name) => FILE.exec(name)?.groups?.['day'] ?? []);
}

async function dayIn(folder: string, time: Date): Promise<string> {
  const tomorrow = new Date(time.getFullYear(), time.getMonth(), time.getDate() + 1, 12);
  const days = await daysIn(folder);
  return days.includes(dayOf(tomorrow)) ? dayOf(tomorrow) : dayOf(time);
}

/** Adds what was written since to a sum. A last line without its end may still be being written: it is read the next time. */
async function readOn(path: string, read: Read): Promise<Read> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return { ...read, ...NOTHING };
  try {
    const { size } = await file.stat();
    // Shorter than before: it is another file.
    const from = size < read.bytes ? { ...read, ...NOTHING } : read;
    const buffer = Buffer.alloc(size - from.bytes);
    await file.read(buffer, 0, buffer.length, from.bytes);
    const end = buffer.lastIndexOf('\n') + 1;
    const lines = buffer.subarray(0, end).toString().split('\n');
    const known = lines.flatMap((line) => lineSchema.safeParse(parsed(line)).data ?? []);
    return known.reduce(withLine, { ...from, bytes: from.bytes + end });
  } finally {
    await file.close();
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // Empty, or torn by a crash: what it would have counted is lost, the rest is not.
  }
}

async function forgetOld(folder: string, time: Date): Promise<void> {
  const oldest = dayOf(new Date(time.getTime() - KEPT_DAYS * DAY_MS));
  const old = (await daysIn(folder)).filter((day) => day < oldest);
  await Promise.all(old.map((day) => rm(pathOf(folder, day), { force: true })));
}

function unusable(folder: string, error: unknown): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError(
    `What this day costs cannot be counted in ${folder}: ${reason}. While it cannot, a budget of a day holds nothing, so the work stops. Free or repair that folder, or take out the budget of the day.`,
  );
}
