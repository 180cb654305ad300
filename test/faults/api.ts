import type { FailureCode, RunEnd } from '../../src/agent/events';
import { MAX_RETRIES } from '../../src/agent/retry';
import {
  call,
  close,
  end,
  error,
  halfCall,
  halfText,
  halfThought,
  open,
  ping,
  raw,
  start,
  text,
  delta,
} from '../support/events';
import type { Fault } from '../support/fault-server';
import type { FaultRow } from './row';

export interface ApiFault {
  id: string;
  fails: string;
  /** Where requests go; to the server behind the faults by default. */
  to?: 'nobody' | 'no-such-host' | 'untrusted' | 'not-tls' | 'wrong-key' | 'wrong-model';
  /** What happens to the first requests, in order; `always` to all of them until the user says "go on". */
  faults?: readonly (Fault | undefined)[];
  always?: Fault;
  /** How long the server may be silent; long by default. */
  patienceMs?: number;
  /** What the server says where it is let; "Done." by default. */
  answer?: string;
  end: RunEnd['reason'];
  code?: FailureCode;
  /** Tries after the first. */
  retries?: number;
  /** A piece of what the user is told, while waiting or at the end. */
  says?: string;
  /** All text that is shown, in order. */
  shown: string;
  /** Calls that were run. */
  ran?: number;
}

const status = (code: number, type: string, message: string, headers: Record<string, string> = {}): Fault => ({
  kind: 'status',
  status: code,
  headers,
  body: JSON.stringify({ type: 'error', error: { type, message } }),
});
const stream = (then: 'end' | 'reset' | 'silent', ...events: string[]): Fault => ({ kind: 'stream', events, then });
const html: Fault = {
  kind: 'status',
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html><html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>',
};
const again = { end: 'done', retries: 1, shown: 'Done.' } as const;
const givesUp = { end: 'failed', retries: MAX_RETRIES, shown: '' } as const;
const atOnce = { end: 'failed', retries: 0, shown: '' } as const;

/** What the server, or something that answers for it, says instead of an answer. */
const STATUSES: ApiFault[] = [
  {
    id: '429',
    fails: '429 without retry-after',
    faults: [status(429, 'rate_limit_error', 'slow down')],
    says: 'is busy (429): slow down',
    ...again,
  },
  {
    id: '429-after',
    fails: '429 with retry-after in seconds',
    faults: [status(429, 'rate_limit_error', 'slow down', { 'retry-after': '7' })],
    says: 'Trying again in 7 s',
    ...again,
  },
  {
    id: '429-hour',
    fails: '429 with a retry-after of an hour',
    faults: [status(429, 'rate_limit_error', 'no more today', { 'retry-after': '3600' })],
    code: 'busy',
    says: 'It asks to wait 60 minutes',
    ...atOnce,
  },
  {
    id: '429-nonsense',
    fails: '429 with a retry-after that is no time',
    faults: [status(429, 'rate_limit_error', 'slow down', { 'retry-after': 'soon' })],
    says: 'is busy (429)',
    ...again,
  },
  {
    id: '429-always',
    fails: '429 that does not end',
    always: status(429, 'rate_limit_error', 'slow down'),
    code: 'busy',
    says: 'is busy (429)',
    ...givesUp,
  },
  {
    id: '529',
    fails: '529 overloaded',
    faults: [status(529, 'overloaded_error', 'Overloaded')],
    says: 'is busy (529): Overloaded',
    ...again,
  },
  {
    id: '529-thrice',
    fails: '529 three times',
    faults: [1, 2, 3].map(() => status(529, 'overloaded_error', 'Overloaded')),
    end: 'done',
    retries: 3,
    says: 'is busy (529)',
    shown: 'Done.',
  },
  {
    id: '500',
    fails: '500',
    faults: [status(500, 'api_error', 'Internal server error')],
    says: 'is busy (500)',
    ...again,
  },
  {
    id: '500-always',
    fails: '500 that does not end',
    always: status(500, 'api_error', 'Internal server error'),
    code: 'busy',
    says: 'is busy (500)',
    ...givesUp,
  },
  { id: '502-html', fails: '502 with an HTML page', faults: [html], says: 'Bad Gateway', ...again },
  {
    id: '503',
    fails: '503 with an empty body',
    faults: [{ kind: 'status', status: 503 }],
    says: 'is busy (503)',
    ...again,
  },
  {
    id: '504',
    fails: '504 of a gateway',
    faults: [{ kind: 'status', status: 504, body: 'upstream request timeout' }],
    says: 'is busy (504)',
    ...again,
  },
  {
    id: '408',
    fails: '408',
    faults: [status(408, 'timeout_error', 'Request took too long')],
    says: 'is busy (408)',
    ...again,
  },
  {
    id: '400',
    fails: '400',
    faults: [status(400, 'invalid_request_error', 'max_tokens: too large')],
    says: 'refused the request (400): max_tokens: too large',
    ...atOnce,
  },
  {
    id: '400-long',
    fails: '400, since the prompt is too long',
    faults: [status(400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum')],
    code: 'context-full',
    says: 'Start a new session',
    ...atOnce,
  },
  {
    id: '401',
    fails: '401, a key that is not accepted',
    to: 'wrong-key',
    code: 'bad-key',
    says: 'does not accept the key',
    ...atOnce,
  },
  {
    id: '402',
    fails: '402, no credit left',
    faults: [status(402, 'billing_error', 'Your credit balance is too low')],
    says: 'credit balance is too low',
    ...atOnce,
  },
  {
    id: '403',
    fails: '403, a key that may not use the model',
    faults: [status(403, 'permission_error', 'not for you')],
    code: 'no-access',
    says: 'may not use claude-opus-5-5: not for you',
    ...atOnce,
  },
  {
    id: '404-model',
    fails: '404 for the model',
    to: 'wrong-model',
    code: 'model-gone',
    says: 'has no model',
    ...atOnce,
  },
  {
    id: '404-path',
    fails: '404 of a server without the Messages API',
    faults: [{ kind: 'status', status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not Found</h1>' }],
    says: 'has no Messages API',
    ...atOnce,
  },
  {
    id: '413',
    fails: '413, a request that is too large',
    faults: [status(413, 'request_too_large', 'Request exceeds the maximum size')],
    code: 'context-full',
    says: 'larger than the server takes',
    ...atOnce,
  },
  {
    id: '307',
    fails: 'A redirect to another host',
    faults: [{ kind: 'status', status: 307, headers: { location: 'http://127.0.0.1:1/v1/messages' } }],
    says: 'sends the request on to',
    ...atOnce,
  },
  {
    id: '407',
    fails: '407 of a proxy on the way',
    faults: [{ kind: 'status', status: 407, headers: { 'proxy-authenticate': 'Basic' } }],
    says: 'could not be reached',
    ...again,
  },
  {
    id: '200-html',
    fails: '200 with a page instead of a stream',
    faults: [
      {
        kind: 'status',
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<h1>Sign in to the network</h1>',
      },
    ],
    says: 'The connection ended in the middle',
    ...again,
  },
];

/** The way to the server. */
const CONNECTIONS: ApiFault[] = [
  {
    id: 'refused',
    fails: 'Connection refused',
    to: 'nobody',
    code: 'offline',
    says: 'could not be reached',
    ...givesUp,
  },
  {
    id: 'dns',
    fails: 'A host name that does not resolve',
    to: 'no-such-host',
    code: 'offline',
    says: 'could not be reached',
    ...givesUp,
  },
  {
    id: 'untrusted',
    fails: 'A certificate that nobody vouches for',
    to: 'untrusted',
    code: 'offline',
    says: 'could not be trusted',
    ...atOnce,
  },
  {
    id: 'not-tls',
    fails: 'A server that does not speak TLS where https is asked',
    to: 'not-tls',
    code: 'offline',
    says: 'could not be',
    ...atOnce,
  },
  {
    id: 'reset',
    fails: 'Connection reset before the answer',
    faults: [{ kind: 'reset' }],
    says: 'could not be reached',
    ...again,
  },
  {
    id: 'close',
    fails: 'Connection closed before the answer',
    faults: [{ kind: 'close' }],
    says: 'could not be reached',
    ...again,
  },
  {
    id: 'garbage',
    fails: 'An answer that is not HTTP',
    faults: [{ kind: 'garbage', bytes: 'SSH-2.0-OpenSSH_9.6\r\n' }],
    says: 'could not be reached',
    ...again,
  },
  {
    id: 'silent',
    fails: 'Silence before the first byte',
    faults: [{ kind: 'silent', headers: false }],
    patienceMs: 400,
    says: 'has sent nothing for 0.4 s',
    ...again,
  },
  {
    id: 'silent-headers',
    fails: 'Silence after the headers',
    faults: [{ kind: 'silent', headers: true }],
    patienceMs: 400,
    says: 'has sent nothing for 0.4 s',
    ...again,
  },
  {
    id: 'silent-always',
    fails: 'A server that is silent each time',
    always: { kind: 'silent', headers: false },
    patienceMs: 250,
    code: 'offline',
    says: 'firstByteSeconds',
    ...givesUp,
  },
  {
    id: 'silent-middle',
    fails: 'Silence in the middle of a text',
    faults: [stream('silent', start(), halfText('One, '))],
    answer: 'two.',
    patienceMs: 400,
    says: 'silenceSeconds',
    end: 'done',
    retries: 1,
    shown: 'One, two.',
  },
  {
    id: 'silent-call',
    fails: 'Silence in the middle of a call',
    faults: [stream('silent', start(), halfCall('{"what":'))],
    patienceMs: 400,
    says: 'has sent nothing',
    ...again,
  },
];

/** A stream that breaks. */
const BREAKS: ApiFault[] = [
  {
    id: 'cut-empty',
    fails: 'An answer that ends before its first event',
    faults: [stream('end')],
    says: 'ended in the middle',
    ...again,
  },
  {
    id: 'cut-start',
    fails: 'A stream cut after its start',
    faults: [stream('reset', start(), ping)],
    says: 'ended in the middle',
    ...again,
  },
  {
    id: 'cut-text',
    fails: 'A stream cut in a text',
    faults: [stream('reset', start(), halfText('One, '))],
    answer: 'two.',
    says: 'ended in the middle',
    end: 'done',
    retries: 1,
    shown: 'One, two.',
  },
  {
    id: 'cut-twice',
    fails: 'A stream cut in a text, and the next one too',
    faults: [stream('reset', start(), halfText('One, ')), stream('reset', start(), halfText('two, '))],
    answer: 'three.',
    says: 'ended in the middle',
    end: 'done',
    retries: 2,
    shown: 'One, two, three.',
  },
  {
    id: 'cut-thought',
    fails: 'A stream cut in a thought',
    faults: [stream('reset', start(), halfThought('hm'))],
    says: 'ended in the middle',
    ...again,
  },
  {
    id: 'cut-call',
    fails: 'A stream cut in the input of a call',
    faults: [stream('reset', start(), text('Acting. '), halfCall('{"what":"delete ev', 1))],
    says: 'ended in the middle',
    end: 'done',
    retries: 1,
    shown: 'Acting. Done.',
  },
  {
    id: 'cut-after-call',
    fails: 'A stream cut after a whole call',
    faults: [stream('reset', start(), text('Acting. '), call('{"what":"it"}', 1))],
    says: 'ended in the middle',
    end: 'done',
    retries: 1,
    shown: 'Acting. Done.',
  },
  {
    id: 'cut-between',
    fails: 'A stream cut between two blocks',
    faults: [stream('reset', start(), text('One. '), text('Two. ', 1))],
    says: 'ended in the middle',
    end: 'done',
    retries: 1,
    shown: 'One. Two. Done.',
  },
  {
    id: 'cut-always',
    fails: 'A stream that is cut each time',
    always: stream('reset', start(), halfText('a')),
    code: 'offline',
    says: 'ended in the middle',
    end: 'failed',
    retries: MAX_RETRIES,
    shown: 'a'.repeat(MAX_RETRIES + 1),
  },
  {
    id: 'no-stop',
    fails: 'A stream that ends without message_stop',
    faults: [stream('end', start(), text('One, '))],
    answer: 'two.',
    says: 'ended in the middle',
    end: 'done',
    retries: 1,
    shown: 'One, two.',
  },
  {
    id: 'proxied-cut',
    fails: 'A stream that a gateway cuts after 700 bytes',
    faults: [{ kind: 'cut', after: 700 }],
    says: 'ended in the middle',
    ...again,
  },
  {
    id: 'error-overloaded',
    fails: 'An overloaded_error in the stream',
    faults: [stream('end', start(), halfText('One, '), error('overloaded_error', 'Overloaded'))],
    answer: 'two.',
    says: 'is busy (overloaded_error)',
    end: 'done',
    retries: 1,
    shown: 'One, two.',
  },
  {
    id: 'error-api',
    fails: 'An api_error in the stream',
    faults: [stream('end', start(), error('api_error', 'Internal server error'))],
    says: 'is busy (api_error)',
    ...again,
  },
  {
    id: 'error-invalid',
    fails: 'An invalid_request_error in the stream',
    faults: [stream('end', start(), halfText('One, '), error('invalid_request_error', 'no'))],
    says: 'refused the request',
    end: 'failed',
    retries: 0,
    shown: 'One, ',
  },
  {
    id: 'not-json',
    fails: 'An event whose data is not JSON',
    faults: [stream('end', start(), 'event: content_block_delta\ndata: {"type":\n\n')],
    says: 'ended in the middle',
    ...again,
  },
];

/** Answers that are whole and odd. */
const ANSWERS: ApiFault[] = [
  {
    id: 'bad-input',
    fails: 'A call whose input is not JSON',
    faults: [stream('end', start(), call('{"what": it}'), end('tool_use'))],
    says: 'was not readable',
    ...again,
  },
  {
    id: 'list-input',
    fails: 'A call whose input is a list',
    faults: [stream('end', start(), call('[1]'), end('tool_use'))],
    says: 'was not readable',
    ...again,
  },
  {
    id: 'half-object',
    fails: 'A call whose input lacks its end',
    faults: [stream('end', start(), call('{"what":"i'), end('tool_use'))],
    says: 'was not readable',
    ...again,
  },
  {
    id: 'unknown-tool',
    fails: 'A call of a tool that there is not',
    faults: [stream('end', start(), call('{}', 0, 'toolu_1', 'Fly'), end('tool_use'))],
    end: 'done',
    retries: 0,
    shown: 'Done.',
  },
  {
    id: 'wrong-input',
    fails: 'A call whose input does not fit the tool',
    faults: [stream('end', start(), call('{"what":7}'), end('tool_use'))],
    end: 'done',
    retries: 0,
    shown: 'Done.',
  },
  {
    id: 'unknown-block',
    fails: 'A block of a kind that does not exist yet',
    faults: [
      stream('end', start(), open(0, { type: 'hologram', sides: 6 }), close(0), text('Seen. ', 1), end('end_turn')),
    ],
    says: 'hologram',
    end: 'done',
    retries: 0,
    shown: 'Seen. ',
  },
  {
    id: 'unknown-delta',
    fails: 'A delta of a kind that does not exist yet',
    faults: [
      stream('end', start(), halfText('Fine.'), delta(0, { type: 'sparkle', light: 1 }), close(0), end('end_turn')),
    ],
    end: 'done',
    retries: 0,
    shown: 'Fine.',
  },
  {
    id: 'unknown-event',
    fails: 'An event of a kind that does not exist yet',
    faults: [stream('end', start(), raw('confetti', { count: 3 }), text('Fine.'), end('end_turn'))],
    end: 'done',
    retries: 0,
    shown: 'Fine.',
  },
  {
    id: 'unknown-stop',
    fails: 'A stop reason that does not exist yet',
    faults: [stream('end', start(), text('Fine.'), end('bored'))],
    end: 'done',
    retries: 0,
    shown: 'Fine.',
  },
  {
    id: 'unknown-stop-call',
    fails: 'A stop reason that does not exist yet, with a call',
    faults: [stream('end', start(), call(), end('bored'))],
    code: 'unfinished',
    says: 'its calls were not run',
    ...atOnce,
  },
  {
    id: 'no-reason-call',
    fails: 'No stop reason at all, with a call',
    faults: [stream('end', start(), call(), end(null))],
    code: 'unfinished',
    says: 'its calls were not run',
    ...atOnce,
  },
  {
    id: 'same-id-twice',
    fails: 'Two calls with one id',
    faults: [stream('end', start(), call('{"what":"a"}', 0), call('{"what":"b"}', 1), end('tool_use'))],
    end: 'done',
    retries: 0,
    shown: 'Done.',
    ran: 2,
  },
  {
    id: 'same-id-later',
    fails: 'A call with the id of an earlier one',
    faults: [stream('end', start(), call(), end('tool_use')), stream('end', start(), call(), end('tool_use'))],
    end: 'done',
    retries: 0,
    shown: 'Done.',
    ran: 2,
  },
  {
    id: 'odd-id',
    fails: 'A call whose id the API would not take back',
    faults: [stream('end', start(), call('{"what":"a"}', 0, 'call|fc 1'), end('tool_use'))],
    end: 'done',
    retries: 0,
    shown: 'Done.',
    ran: 1,
  },
  {
    id: 'same-index',
    fails: 'Two blocks at one place',
    faults: [stream('end', start(), text('One. '), text('Two.'), end('end_turn'))],
    end: 'done',
    retries: 0,
    shown: 'One. Two.',
  },
  {
    id: 'stray-delta',
    fails: 'A delta of a block that was not begun',
    faults: [stream('end', start(), delta(4, { type: 'text_delta', text: 'lost' }), text('Fine.'), end('end_turn'))],
    end: 'done',
    retries: 0,
    shown: 'Fine.',
  },
  {
    id: 'empty',
    fails: 'An answer with nothing in it',
    faults: [stream('end', start(), end('end_turn'))],
    code: 'unfinished',
    says: 'without a word',
    ...atOnce,
  },
  {
    id: 'blank',
    fails: 'An answer of spaces alone',
    faults: [stream('end', start(), text('  \n'), end('end_turn'))],
    code: 'unfinished',
    says: 'without a word',
    end: 'failed',
    retries: 0,
    shown: '  \n',
  },
  {
    id: 'empty-after-call',
    fails: 'Nothing more to say after a call',
    faults: [
      stream('end', start(), text('Acting.'), call('{"what":"it"}', 1), end('tool_use')),
      stream('end', start(), end('end_turn')),
    ],
    end: 'done',
    retries: 0,
    shown: 'Acting.',
    ran: 1,
  },
  {
    id: 'thought-alone',
    fails: 'A thought and no answer',
    faults: [stream('end', start(), halfThought('hm'), close(0), end('end_turn'))],
    code: 'unfinished',
    says: 'without a word',
    ...atOnce,
  },
  {
    id: 'thought-last',
    fails: 'A thought as the last block',
    faults: [stream('end', start(), text('Fine.'), halfThought('hm', 1), close(1), end('end_turn'))],
    end: 'done',
    retries: 0,
    shown: 'Fine.',
  },
  {
    id: 'max-tokens',
    fails: 'max_tokens in a text',
    faults: [stream('end', start(), text('One, '), end('max_tokens'))],
    code: 'unfinished',
    says: 'longest length',
    end: 'failed',
    retries: 0,
    shown: 'One, ',
  },
  {
    id: 'max-tokens-call',
    fails: 'max_tokens inside a call',
    faults: [stream('end', start(), text('Acting. '), call('{"what":"delete ev', 1), end('max_tokens'))],
    code: 'unfinished',
    says: 'longest length',
    end: 'failed',
    retries: 0,
    shown: 'Acting. ',
  },
  {
    id: 'max-tokens-call-begun',
    fails: 'max_tokens right after a call began',
    faults: [stream('end', start(), call(''), end('max_tokens'))],
    code: 'unfinished',
    says: 'longest length',
    ...atOnce,
  },
  {
    id: 'max-tokens-second',
    fails: 'max_tokens inside the second of two calls',
    faults: [stream('end', start(), call(), call('{"wh', 1, 'toolu_2'), end('max_tokens'))],
    code: 'unfinished',
    says: 'longest length',
    ...atOnce,
  },
  {
    id: 'pause',
    fails: 'pause_turn',
    faults: [stream('end', start(), text('One, '), end('pause_turn'))],
    answer: 'two.',
    end: 'done',
    retries: 0,
    shown: 'One, two.',
  },
  {
    id: 'pause-empty',
    fails: 'pause_turn with nothing in it',
    faults: [stream('end', start(), end('pause_turn'))],
    end: 'done',
    retries: 0,
    shown: 'Done.',
  },
  {
    id: 'pause-always',
    fails: 'pause_turn that does not end',
    always: stream('end', start(), text('a'), end('pause_turn')),
    code: 'unfinished',
    says: 'paused 5 times',
    end: 'failed',
    retries: 0,
    shown: 'aaaaa',
  },
  {
    id: 'refusal',
    fails: 'A refusal',
    faults: [stream('end', start(), end('refusal'))],
    code: 'refused',
    says: 'Rephrase',
    ...atOnce,
  },
  {
    id: 'refusal-middle',
    fails: 'A refusal in the middle of an answer',
    faults: [stream('end', start(), text('First, '), halfCall('{"what":"', 1), close(1), end('refusal'))],
    code: 'refused',
    says: 'Rephrase',
    end: 'failed',
    retries: 0,
    shown: 'First, ',
  },
  {
    id: 'window',
    fails: 'model_context_window_exceeded',
    faults: [stream('end', start(), text('One, '), call('{"wha', 1), end('model_context_window_exceeded'))],
    code: 'context-full',
    says: 'Start a new session',
    end: 'failed',
    retries: 0,
    shown: 'One, ',
  },
];

export const API_FAULTS: readonly (ApiFault & { part: string })[] = Object.entries({
  'The server answers with an error': STATUSES,
  'The way to the server': CONNECTIONS,
  'A stream that breaks': BREAKS,
  'Answers that are whole and odd': ANSWERS,
}).flatMap(([part, rows]) => rows.map((row) => ({ ...row, part })));

/** The row in words: they follow from what the test asserts. */
export function describeFault({
  id,
  part,
  fails,
  end: reason,
  code,
  retries = 0,
  says,
  shown,
  ran = 0,
}: ApiFault & { part: string }): FaultRow {
  const tries =
    retries === 0
      ? ''
      : retries === 1
        ? 'Asked again after a visible wait'
        : `Asked again ${retries} times, each after a visible wait`;
  const happens =
    reason === 'done'
      ? tries === ''
        ? 'The run goes on.'
        : `${tries}; the run goes on.`
      : tries === ''
        ? 'The run ends; it is not asked again.'
        : `${tries}; then the run ends.`;
  const remedy = code === undefined ? '' : ` \`${code}\``;
  const text = shown.trim() === '' || shown === 'Done.' ? '' : 'The text so far, shown once. ';
  return {
    id,
    part,
    fails,
    happens,
    sees: `${says === undefined ? 'The answer.' : `“${says}”`}${reason === 'failed' ? remedy : ''}`,
    kept: `${text}${ran > 0 ? `Calls run once each: ${ran}.` : 'No call is run.'}`,
  };
}
