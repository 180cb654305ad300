import { randomBytes } from 'node:crypto';
import { maskSecrets } from '../text/secrets';
import { LEDGER_VERSION, type NoteRecord } from './record';
import { appendEntry } from './write';

/** As much as a person reads. */
export const MAX_NOTE_CHARACTERS = 2_000;

export interface Saying {
  /** The id of the run. */
  of: string;
  by: 'model' | 'person';
  hypothesis?: string | undefined;
  verdict?: string | undefined;
  session?: string | undefined;
}

/** Adds to the ledger what is said of one of its runs. The run's own line stays as it was. Throws UserError. */
export async function addNote(
  project: string,
  path: string,
  { of, by, hypothesis, verdict, session }: Saying,
  secrets: readonly string[],
): Promise<NoteRecord> {
  const said = (text: string): string => maskSecrets(text.trim().slice(0, MAX_NOTE_CHARACTERS), secrets).text;
  const at = new Date().toISOString();
  const note: NoteRecord = {
    v: LEDGER_VERSION,
    kind: 'note',
    id: `${at.replaceAll(/[-:]|\..*/gu, '')}-note-${randomBytes(4).toString('hex')}`,
    of,
    at,
    by,
    ...(hypothesis === undefined ? {} : { hypothesis: said(hypothesis) }),
    ...(verdict === undefined ? {} : { verdict: said(verdict) }),
    ...(session === undefined ? {} : { session }),
  };
  await appendEntry(project, path, note);
  return note;
}
