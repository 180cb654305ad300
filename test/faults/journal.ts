import type { FaultRow } from './row';

export interface JournalFault {
  id: string;
  fails: string;
  /** `on`: the session goes on. `then`: it is refused at first, and goes on once the cause is gone. `never`: it is refused. */
  goes: 'on' | 'then' | 'never';
  /** What happens beside that. */
  also?: string;
  /** What the user, or where it is a result of a call the model, is told. */
  says?: string;
  /** Lines that were left out. */
  damaged?: number;
  /** The messages of the user that the next request still holds, of `one` and `two`. */
  keeps: readonly ('one' | 'two')[];
}

const BOTH = ['one', 'two'] as const;
const LEFT_OUT = 'A part of this session could not be read and is left out.';

/** A session of two messages, the first with a call, lies on the disk; then this happens to it. */
export const JOURNAL_FAULTS: readonly JournalFault[] = [
  { id: 'journal-torn', fails: 'The last line is torn', goes: 'on', damaged: 1, keeps: BOTH },
  { id: 'journal-utf8', fails: 'The last line ends within a character', goes: 'on', damaged: 1, keeps: BOTH },
  { id: 'journal-nul', fails: 'A power cut left NUL bytes at the end', goes: 'on', damaged: 1, keeps: BOTH },
  {
    id: 'journal-garbage',
    fails: 'A line in the middle is garbage',
    goes: 'on',
    also: 'What came after the line is hung up before it; a call whose result was in it is answered as cut short.',
    damaged: 1,
    keeps: BOTH,
  },
  {
    id: 'journal-bad-byte',
    fails: 'A byte in the middle of a line is broken',
    goes: 'on',
    also: 'The beginning of the line tells where it hung.',
    damaged: 1,
    keeps: BOTH,
  },
  {
    id: 'journal-head',
    fails: 'The first line is garbage',
    goes: 'on',
    also: 'The session gets a new head.',
    damaged: 1,
    keeps: BOTH,
  },
  { id: 'journal-twice', fails: 'A line stands there twice', goes: 'on', damaged: 1, keeps: BOTH },
  { id: 'journal-empty', fails: 'The journal is empty', goes: 'on', also: 'It begins anew.', keeps: [] },
  {
    id: 'journal-future',
    fails: 'A later version wrote the journal',
    goes: 'never',
    also: 'Nothing is written to it.',
    says: 'Update the extension, or start a new session',
    keeps: [],
  },
  {
    id: 'journal-future-later',
    fails: 'A later version went on with a session of this one',
    goes: 'never',
    also: 'Nothing is written to it.',
    says: 'Update the extension, or start a new session',
    keeps: [],
  },
  {
    id: 'journal-older',
    fails: 'Version 1 wrote the journal, and was killed in a call',
    goes: 'on',
    also: 'It is read as version 2, its lines stay as they are, and the call is answered as one that may have run.',
    keeps: [],
  },
  {
    id: 'journal-full',
    fails: 'The disk is full',
    goes: 'then',
    says: 'no space left on device, write. Free space there',
    keeps: BOTH,
  },
  {
    id: 'journal-fills',
    fails: 'The disk fills up while a run writes to it',
    goes: 'then',
    also: 'No call is run that is not in the journal; a line that was cut off is left out.',
    says: 'no space left on device, write. Free space there',
    damaged: 1,
    keeps: BOTH,
  },
  {
    id: 'journal-full-image',
    fails: 'The disk is full when a file is to be kept before it is edited',
    goes: 'on',
    also: 'The file is not edited.',
    says: 'no space left on device, write. Free space there',
    keeps: BOTH,
  },
  {
    id: 'journal-full-output',
    fails: 'The disk is full when the long output of a command is to be kept',
    goes: 'on',
    also: 'Its beginning and end are the result, as always.',
    says: 'the whole could not be kept: ',
    keeps: BOTH,
  },
  {
    id: 'journal-read-only',
    fails: 'The folder of the session is read-only',
    goes: 'then',
    says: 'The session cannot be written to',
    keeps: BOTH,
  },
  {
    id: 'journal-no-folder',
    fails: 'A file stands where the folder of the session should be',
    goes: 'then',
    says: 'The session cannot be written to',
    keeps: [],
  },
  {
    id: 'journal-two',
    fails: 'Another window or terminal works on the session',
    goes: 'then',
    says: 'at work in another window or terminal',
    keeps: BOTH,
  },
  {
    id: 'journal-between',
    fails: 'Another window wrote to the session in the meantime',
    goes: 'on',
    also: 'Its messages stay, as a branch of their own.',
    keeps: BOTH,
  },
  { id: 'journal-dead-lock', fails: 'A killed process left its lock', goes: 'on', keeps: BOTH },
  {
    id: 'journal-reused-lock',
    fails: 'The number of the process that left its lock is that of another one by now',
    goes: 'on',
    keeps: BOTH,
  },
  {
    id: 'journal-new-lock',
    fails: 'A lock is empty: it is just being made, or its maker was killed',
    goes: 'then',
    also: 'It counts for five seconds.',
    says: 'at work in another window or terminal',
    keeps: BOTH,
  },
  { id: 'journal-clock', fails: 'The clock goes back by years', goes: 'on', keeps: BOTH },
  {
    id: 'journal-deleted',
    fails: 'The folder of the session is deleted while a run writes to it',
    goes: 'on',
    also: 'The journal is written again, whole.',
    keeps: BOTH,
  },
  {
    id: 'journal-deleted-between',
    fails: 'The journal is deleted between two messages of an open window',
    goes: 'on',
    also: 'It is written again, whole.',
    keeps: BOTH,
  },
  {
    id: 'journal-replaced',
    fails: 'The journal of an open window is replaced by an earlier copy',
    goes: 'on',
    also: 'The copy is gone on with.',
    keeps: ['one'],
  },
  {
    id: 'journal-image',
    fails: 'The image of a changed file is missing',
    goes: 'on',
    also: 'Undo leaves that file as it is and puts back the others.',
    says: 'its earlier content is no longer stored',
    keeps: BOTH,
  },
  {
    id: 'journal-image-damaged',
    fails: 'The image of a changed file is damaged',
    goes: 'on',
    also: 'Undo leaves that file as it is and puts back the others.',
    says: 'its earlier content is no longer stored',
    keeps: BOTH,
  },
];

const GOES = {
  on: 'The session goes on.',
  then: 'The message is not begun, or ends there; the session goes on once the cause is gone.',
  never: 'The session is not opened.',
};

export function describeJournalFault({ id, fails, goes, also, says, damaged, keeps }: JournalFault): FaultRow {
  const told = says === undefined ? [] : [`“${says.trim()}”`];
  return {
    id,
    part: 'The journal',
    fails,
    happens: [GOES[goes], also ?? ''].join(' ').trim(),
    sees: [...told, ...(damaged ? [`“${LEFT_OUT}”`] : [])].join(' ') || 'The answer.',
    kept: keptBy(goes, keeps.length, damaged),
  };
}

function keptBy(goes: JournalFault['goes'], messages: number, damaged = 0): string {
  if (goes === 'never') return 'The file as it is.';
  if (messages === 0) return 'All that could be read.';
  if (messages === 1) return 'What the copy holds.';
  return damaged > 0 ? 'All but that line.' : 'All.';
}
