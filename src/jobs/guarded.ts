import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { surpriseText } from '../agent/guard';
import { compareNoted } from '../artefacts/noted';
import type { JobStatus } from './jobs';
import { appendEvent, claim } from './store';
import { FILES } from './supervisor';

/**
 * Compares the guarded files with how they were when the job began, once, whoever else sees its end, and writes down what
 * was lost. True when something was.
 */
export async function compareFiles(status: JobStatus, signal: AbortSignal): Promise<boolean> {
  const { state, folder, id } = status;
  if (state.state !== 'ended') return false;
  const noted = await readFile(join(folder, FILES.guarded), 'utf8').catch(() => undefined);
  if (noted === undefined || !(await claim(folder, 'compared'))) return false;
  const { title, startedAt, startedBy } = status.found.record;
  const at = state.at ?? new Date().toISOString();
  const ms = Math.max(0, Date.parse(at) - Date.parse(startedAt));
  const by = { at, ms, session: startedBy.session, call: startedBy.call, job: id, title: `job ${title}` };
  const text = surpriseText(await compareNoted(noted, by, signal));
  if (text === undefined) return false;
  await appendEvent(folder, { type: 'lost', at: new Date().toISOString(), text });
  return true;
}
