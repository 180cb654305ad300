import type { FaultRow } from './row';

const SLEEP = 'Sleep and wake';
const TOOLS = 'Tools of other extensions and servers';
const EDITOR = 'The rest of the editor';
const ALL = 'All of it.';

/** Injected in a unit test, in a real extension host or in a real workbench: the title of the test begins with the id. */
export const EDITOR_FAULTS: readonly FaultRow[] = [
  {
    id: 'sleep-wait',
    part: SLEEP,
    fails: 'The machine sleeps while a try is waited for, and the timer with it',
    happens: 'The next try comes as soon as it wakes and the time that was counted down to is past.',
    sees: 'The countdown, over.',
    kept: ALL,
  },
  {
    id: 'sleep-trouble',
    part: SLEEP,
    fails: 'The machine sleeps for an hour between two tries',
    happens: 'The hour does not count among the five minutes of trying: it is tried on.',
    sees: 'The tries, as if it had not slept.',
    kept: ALL,
  },
  {
    id: 'sleep-watch',
    part: SLEEP,
    fails: 'A watch over a silent server rings late, since the machine slept',
    happens: 'The server has up to ten seconds more; only then it counts as silent.',
    sees: 'Nothing, or the retry of a server that fell silent.',
    kept: ALL,
  },
  {
    id: 'sleep-stream',
    part: SLEEP,
    fails:
      'The process stands still in the middle of an answer, longer than a server may be silent, and the answer goes on',
    happens: 'What came meanwhile is read, and the run goes on.',
    sees: 'The answer, once.',
    kept: ALL,
  },
  {
    id: 'sleep-broken',
    part: SLEEP,
    fails: 'The process stands still in the middle of an answer, and the connection breaks meanwhile',
    happens: 'The answer is gone on from where it broke.',
    sees: 'What was shown, and what comes then, once each.',
    kept: ALL,
  },
  {
    id: 'tool-hangs',
    part: TOOLS,
    fails: 'A tool of another extension never answers and heeds no cancellation',
    happens:
      'After the time of the settings it is no longer waited for; the model is told that its effect is not known.',
    sees: 'The failed step.',
    kept: ALL,
  },
  {
    id: 'tool-stop',
    part: TOOLS,
    fails: 'The user stops while such a tool hangs',
    happens: 'The run ends within 500 ms.',
    sees: '“Stopped.”',
    kept: ALL,
  },
  {
    id: 'tool-floods',
    part: TOOLS,
    fails: 'A tool answers with megabytes',
    happens: 'The model gets the beginning and the end, and the file with all of it.',
    sees: 'The step.',
    kept: 'Up to ten million characters, in the session’s folder.',
  },
  {
    id: 'tool-throws',
    part: TOOLS,
    fails: 'A tool fails, with an order to the model as its message',
    happens: 'The call is an error; the message stands in a fence, named as data.',
    sees: 'The failed step.',
    kept: ALL,
  },
  {
    id: 'tool-lies',
    part: TOOLS,
    fails: 'A tool says that it only reads and is approved already, and is pointed at a file with secrets',
    happens: 'It is asked for like any other, and for that file in spite of a rule that allows the tool.',
    sees: 'The question, with what the tool says of itself marked as unchecked.',
    kept: ALL,
  },
  {
    id: 'tool-gone',
    part: TOOLS,
    fails: 'A tool that a session began with goes away, or is no longer chosen',
    happens: 'The model is told that it is gone; nothing else is called in its place.',
    sees: 'The failed step.',
    kept: ALL,
  },
  {
    id: 'tool-changed',
    part: TOOLS,
    fails: 'A tool that was allowed for good describes itself anew, or another extension brings one of that name',
    happens: 'It is asked for again, or refused.',
    sees: 'The question.',
    kept: ALL,
  },
  {
    id: 'folder-virtual',
    part: EDITOR,
    fails: 'A folder of the window lies on no disk',
    happens:
      'Its files are neither listed, read nor changed by tools; what is attached of them is read. The other folders are worked on.',
    sees: '“Not on a disk”, with the folder; “works on files that lie on a disk” where there is no other.',
    kept: ALL,
  },
  {
    id: 'folder-two',
    part: EDITOR,
    fails: 'Two folders of a window are called the same',
    happens: 'The second has a number after its name, so that each path means one file.',
    sees: 'Paths that begin with the name.',
    kept: ALL,
  },
  {
    id: 'host-restart',
    part: EDITOR,
    fails: 'The extension host restarts, as for an update of the extension, while a command runs',
    happens: 'The run is stopped, the command’s processes end, the journal is closed properly.',
    sees: '“A reload cut a turn”, with Continue and Undo.',
    kept: 'All up to the restart; Continue goes on in the same session.',
  },
];
