import assert from 'node:assert/strict';
import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages';
import type { DurableEvent, JournalEntry } from '../../../src/agent/events';
import { MAX_RESULT_CHARACTERS, transcriptOf, type TranscriptWords } from '../../../src/panel/transcript';

const words: TranscriptWords = {
  title: 'Subagent {0} ({1})',
  session: 'Session with {0} ({1})',
  parent: 'For {0}.',
  prompt: 'Asked',
  result: 'Result:',
  failed: 'Failed:',
  refused: 'Refused:',
  more: '{0} more',
  ended: 'Ended {0} {1} {2}',
  running: 'Not ended.',
  empty: 'Nothing.',
};
const chain = (events: DurableEvent[]): JournalEntry[] =>
  events.map((event, index) => ({ id: `e${index + 1}`, parent: index === 0 ? null : `e${index}`, at: '', event }));
const start: DurableEvent = {
  type: 'session-start',
  version: 1,
  folders: [],
  droid: 'scout',
  model: 'm',
  system: '',
  tools: [],
  parent: { session: 'p', call: 'c' },
};
const prompt: DurableEvent = { type: 'prompt', text: 'Look.', attachments: [], notes: [] };
const text = (words: string): DurableEvent => ({
  type: 'block-end',
  block: { type: 'text', text: words, citations: null } as ContentBlock,
});
const call = (title: string): DurableEvent => ({
  type: 'tool-start',
  call: 'c1',
  name: 'Read',
  input: { a: 1 },
  title,
});
const result = (content: string, isError = false): DurableEvent => ({
  type: 'tool-end',
  call: 'c1',
  content,
  isError,
  durationMs: 1,
});

describe('the transcript of a session', () => {
  it('holds what was asked, called, answered, refused and said, in order', () => {
    const transcript = transcriptOf(
      chain([
        start,
        prompt,
        call('Reading a.py'),
        { type: 'tool-decision', call: 'c1', decision: 'deny', by: 'user', reason: 'no' },
        result('declined', true),
        text('I could not.'),
        { type: 'run-end', reason: 'done' },
      ]),
      words,
    );
    assert.match(
      transcript,
      /^# Subagent `scout` \(`m`\)\n\nFor `p`\.\n\n## Asked[^]*Look\.[^]*### `Reading a\.py`[^]*"a": 1[^]*Refused: `no`[^]*Failed:[^]*declined[^]*I could not\.[^]*Ended done 0 0\.0000\n$/u,
    );
  });

  it('lets nothing that a stranger wrote become a link, a picture or a heading', () => {
    const hostile = '```\n# [x](command:evil) ![](https://e.example/a.png)\u202e';
    const transcript = transcriptOf(
      chain([start, prompt, call(`\`${hostile}`), result(hostile), text(hostile)]),
      words,
    );
    let fence = '';
    for (const line of transcript.split('\n')) {
      const mark = /^(`{3,})\w*$/u.exec(line)?.[1];
      if (mark && (fence === '' || line === fence)) fence = fence === '' ? mark : '';
      else if (fence === '' && line.includes('command:')) assert.match(line, /^### (`{2,}) .* \1$/u);
    }
    assert.equal(fence, '');
    assert.doesNotMatch(transcript, /\u202e/u);
  });

  it('cuts what is long and says so, says that one is at work, and that there is none', () => {
    const long = transcriptOf(chain([start, prompt, result('x'.repeat(MAX_RESULT_CHARACTERS + 7))]), words);
    assert.match(long, /7 more/u);
    assert.match(long, /Not ended\.\n$/u);
    assert.equal(transcriptOf([], words), 'Nothing.\n');
  });
});
