import assert from 'node:assert/strict';
import { parseArguments } from '../../../src/cli/arguments';
import { UsageError } from '../../../src/cli/choices';

describe('the command line', () => {
  it('reads a run with everything', () => {
    const read = parseArguments([
      '--cwd',
      '/w',
      '--allow',
      'Execute(pytest *)',
      '--allow',
      'Edit',
      '--deny',
      'Create',
      '--max-turns',
      '3',
      '--summary-model',
      'haiku',
      '--effort',
      'xhigh',
      '--output-format',
      'json',
      'fix it',
    ]);
    assert.deepEqual(read, {
      kind: 'run',
      prompt: 'fix it',
      cwd: '/w',
      outputFormat: 'json',
      mode: 'ask',
      limits: { turns: 3 },
      summaryModel: 'haiku',
      effort: 'xhigh',
      allow: [{ tool: 'Execute', pattern: 'pytest *' }, { tool: 'Edit' }],
      deny: [{ tool: 'Create' }],
      trustProject: false,
      compact: false,
    });
  });

  it('takes a search service by its name, and SearXNG by its address', () => {
    const search = (text: string): unknown => {
      const given = parseArguments(['--web-search', text, 'a']);
      return given.kind === 'run' ? given.webSearch : undefined;
    };
    assert.deepEqual(search('brave'), { search: 'brave' });
    const address = 'http://localhost:8888/searx';
    assert.deepEqual(search(address), { search: 'searxng', searxngUrl: address });
  });

  it('takes trash alone or with empty, and as a prompt where other words follow', () => {
    assert.deepEqual(parseArguments(['trash', 'empty', '--cwd', '/w']), {
      kind: 'trash',
      empty: true,
      cwd: '/w',
      json: false,
    });
    assert.equal(parseArguments(['trash', '--json']).kind, 'trash');
    assert.throws(() => parseArguments(['trash', 'the', 'split']), UsageError);
  });

  it('takes restore with ids or alone, and as a prompt where other words follow', () => {
    const id = '20261124T210512-0a1b2c';
    assert.deepEqual(parseArguments(['restore', `${id}/3`, id, '--replace', '--cwd', '/w']), {
      kind: 'restore',
      ids: [`${id}/3`, id],
      cwd: '/w',
      json: false,
      replace: true,
    });
    assert.equal(parseArguments(['restore', '--json']).kind, 'restore');
    assert.throws(() => parseArguments(['restore', 'the split']), UsageError);
    assert.equal(parseArguments(['restore the split']).kind, 'run');
    assert.throws(() => parseArguments(['fix it', '--replace']), UsageError);
  });

  it('takes a lone list name as a list and the same word with --prompt as a prompt', () => {
    assert.deepEqual(parseArguments(['droids', '--json']), { kind: 'list', list: 'droids', json: true, cwd: '.' });
    assert.equal(parseArguments(['--prompt', 'tools']).kind, 'run');
  });

  for (const [argv, message] of [
    [[], /Give a prompt/u],
    [['a', 'b'], /Put the prompt in quotes/u],
    [['--prompt', 'a', 'b'], /once/u],
    [['--permission-mode', 'yolo', 'a'], /plan, ask, acceptEdits, auto; not "yolo"/u],
    [['--max-turns', '0', 'a'], /whole number of turns from 1; not "0"/u],
    ...['0', '-1', 'NaN', 'Infinity', 'much', '', '0x10', '1e3'].map((value) => [
      [`--max-cost=${value}`, 'a'],
      /--max-cost takes a number of US dollars above 0; not "/u,
    ]),
    [['--max-minutes', '0', 'a'], /--max-minutes takes a number of minutes above 0; not "0"/u],
    [['--max-tokens', '1.5', 'a'], /--max-tokens takes a whole number of tokens from 1; not "1.5"/u],
    [['--max-session-tokens', 'all', 'a'], /--max-session-tokens takes a whole number of tokens/u],
    [['--max-day-cost=-3', 'a'], /--max-day-cost takes a number of US dollars above 0; not "-3"/u],
    [['--allow', 'no rule!', 'a'], /takes a rule/u],
    [['--wat', 'a'], /wat/u],
    [['--web-search', 'bing', 'a'], /brave, tavily, anthropic, none or the address of a SearXNG; not "bing"/u],
    [['--json', 'a'], /belongs to/u],
  ] as [string[], RegExp][]) {
    it(`refuses ${JSON.stringify(argv)}`, () => {
      assert.throws(
        () => parseArguments(argv),
        (error: Error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }
});
