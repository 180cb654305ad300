import type { ScriptedTurn } from '../support/anthropic-server';
import { call, halfCall, halfText, halfThought, start, text } from '../support/events';
import type { Fault } from '../support/fault-server';
import type { FaultRow } from './row';

export interface StopFault {
  id: string;
  fails: string;
  fault?: Fault;
  turn?: ScriptedTurn;
  /** The user stops once this has been seen; without it once the request is there. */
  at?: (event: { type: string; [field: string]: unknown }) => boolean;
  /** A client that hears no stop: the question, or the drawing of a call, never ends by itself. */
  isDeaf?: boolean;
  /** Text that the history keeps. */
  kept: string;
}

const silent = (...events: string[]): Fault => ({ kind: 'stream', events, then: 'silent' });
const acts: ScriptedTurn = { content: [{ type: 'tool_use', name: 'Hang', input: {} }] };

export const STOPS: readonly StopFault[] = [
  { id: 'stop-before', fails: 'before the first byte', fault: { kind: 'silent', headers: false }, kept: '' },
  { id: 'stop-headers', fails: 'after the headers', fault: { kind: 'silent', headers: true }, kept: '' },
  {
    id: 'stop-thought',
    fails: 'in a thought',
    fault: silent(start(), halfThought('hm')),
    at: ({ type }) => type === 'thinking-delta',
    kept: '',
  },
  {
    id: 'stop-text',
    fails: 'in a text',
    fault: silent(start(), halfText('One, ')),
    at: ({ type }) => type === 'text-delta',
    kept: 'One, ',
  },
  {
    id: 'stop-input',
    fails: 'in the input of a call',
    fault: silent(start(), text('Acting. '), halfCall('{"wh', 1)),
    at: ({ type }) => type === 'tool-input-delta',
    kept: 'Acting. ',
  },
  {
    id: 'stop-between',
    fails: 'between two blocks',
    fault: silent(start(), text('One. ')),
    at: ({ type }) => type === 'block-end',
    kept: 'One. ',
  },
  {
    id: 'stop-after-call',
    fails: 'after a call and before the end of its turn',
    fault: silent(start(), text('Acting. '), call('{}', 1)),
    at: ({ type, block }) => type === 'block-end' && (block as { type: string }).type === 'tool_use',
    kept: 'Acting. ',
  },
  {
    id: 'stop-retry',
    fails: 'while a try is waited for',
    fault: { kind: 'status', status: 529 },
    at: ({ type }) => type === 'retry',
    kept: '',
  },
  { id: 'stop-tool', fails: 'while a command runs', turn: acts, at: ({ type }) => type === 'tool-output', kept: '' },
  {
    id: 'stop-ask',
    fails: 'while the user is asked',
    turn: { content: [{ type: 'tool_use', name: 'Ask', input: {} }] },
    at: ({ type }) => type === 'ask-start',
    kept: '',
  },
  {
    id: 'stop-ask-deaf',
    fails: 'while the user is asked, and the question does not go away',
    turn: { content: [{ type: 'tool_use', name: 'Ask', input: {} }] },
    at: ({ type }) => type === 'ask-start',
    isDeaf: true,
    kept: '',
  },
  {
    id: 'stop-draw-deaf',
    fails: 'before the editor has drawn a call, and it never does',
    turn: { content: [{ type: 'tool_use', name: 'Act', input: { what: 'x' } }] },
    at: ({ type }) => type === 'tool-start',
    isDeaf: true,
    kept: '',
  },
  {
    id: 'stop-draw-late',
    fails: 'while a command runs, and the editor draws its call for ever',
    turn: acts,
    at: ({ type }) => type === 'tool-output',
    isDeaf: true,
    kept: '',
  },
];

export function describeStop({ id, fails, kept }: StopFault): FaultRow {
  return {
    id,
    part: 'Stop',
    fails: `The user stops ${fails}`,
    happens: 'The run ends within 500 ms, and no process of it is left.',
    sees: '“Stopped.”',
    kept: `${kept === '' ? 'All before this turn.' : 'The text so far.'} “Go on” is accepted.`,
  };
}
