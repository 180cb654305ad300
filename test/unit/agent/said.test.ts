import assert from 'node:assert/strict';
import { judge, parseRule, type Policy } from '../../../src/agent/approval';
import { isSaid, saidIn } from '../../../src/agent/said';

const allows = (message: string, url: string): boolean => isSaid({ url, host: new URL(url).host }, saidIn([message]));

describe("what the user's own messages name", () => {
  it('is the very page of a URL, and the whole host where it stands alone', () => {
    assert.ok(allows('read https://example.org/a?b=c#part, please', 'https://example.org/a?b=c'));
    assert.ok(!allows('read https://example.org/a', 'https://example.org/a?stolen=secret'));
    assert.ok(!allows('read https://example.org/a', 'https://example.org/'));
    assert.ok(allows('use https://example.org for it', 'https://example.org/any?thing=1'));
    assert.ok(allows('use https://EXAMPLE.org:443/', 'https://example.org/a'));
  });

  it('is read out of sentences and Markdown', () => {
    for (const message of [
      'See https://example.org/a.',
      '(https://example.org/a)',
      '[docs](https://example.org/a)',
      '<https://example.org/a>',
      'https://example.org/a, and more',
    ])
      assert.ok(allows(message, 'https://example.org/a'), message);
    assert.ok(allows('https://en.wikipedia.org/wiki/ROC_(curve)', 'https://en.wikipedia.org/wiki/ROC_(curve)'));
  });

  it('is no file name, no other host, no other port, and nothing with a password in it', () => {
    assert.ok(!allows('fix train.py and read notes.org', 'https://train.py/'));
    assert.ok(!allows('read notes.org', 'https://notes.org/'));
    assert.ok(!allows('https://example.org', 'https://docs.example.org/'));
    assert.ok(!allows('https://example.org', 'https://example.org.evil.net/'));
    assert.ok(!allows('https://example.org', 'https://example.org:8443/'));
    assert.ok(!allows('https://me:pw@example.org', 'https://example.org/'));
    assert.ok(!allows('http:// https://', 'https://example.org/'));
  });

  it('opens the network alone, and neither against a rule nor for a repository in doubt', () => {
    const url = 'https://example.org/a';
    const said = saidIn([`read ${url}`]);
    const policy: Policy = { mode: 'ask', trusted: true, allow: [], ask: [], deny: [], said };
    const decide = (more: Partial<Policy> = {}): string =>
      judge('FetchUrl', { effect: 'network', url, host: 'example.org' }, { ...policy, ...more }).decision;
    const rules = [parseRule('FetchUrl(example.org)') ?? assert.fail()];
    assert.deepEqual(
      [
        decide(),
        decide({ ask: rules }),
        decide({ deny: rules }),
        decide({ doubt: 'unreadable' }),
        decide({ said: saidIn([]) }),
      ],
      ['allow', 'ask', 'deny', 'ask', 'ask'],
    );
  });

  it('is read in time from a message of any size and shape', () => {
    const began = performance.now();
    saidIn(['https://'.repeat(100_000), `https://a.org/${')'.repeat(200_000)}`, 'x'.repeat(5_000_000)]);
    assert.ok(performance.now() - began < 1_000);
  });
});
