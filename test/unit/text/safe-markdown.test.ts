import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SafeMarkdown, safeMarkdown } from '../../../src/text/safe-markdown';

describe('safe Markdown', () => {
  it('leaves ordinary text, code and web links as they are', () => {
    const text =
      'See [the docs](https://example.org/a(b)), `vec![1]`, a[0](x), <b>, a < b:\n\n```rust\nvec![1, 2];\n```\n[x]: https://a.example\n';
    assert.equal(safeMarkdown(text), text);
  });

  it('makes links that run commands or wake other programs plain text', () => {
    const bad = [
      '[x](command:workbench.action.quit)',
      '[x](  <command:a>)',
      '[x](\nvscode://evil.ext/run)',
      '[x](comm&#97;nd:a)',
      '[x](command\\:a)',
      '[x](code-server://a)',
      '[x](FILE:///etc/passwd)',
      '[x](data:text/html,a)',
    ];
    for (const text of bad) assert.equal(safeMarkdown(text), text.replace('](', ']\\(').replace('<', '&lt;'), text);
    assert.equal(safeMarkdown('[x]: command:a'), '[x]\\: command:a');
    assert.equal(safeMarkdown('\\<vscode://a>'), '\\&lt;vscode://a>');
  });

  it('turns images into links, which load nothing by themselves', () => {
    assert.equal(safeMarkdown('![plot](https://a.example/p.png)'), '[plot](https://a.example/p.png)');
    assert.equal(safeMarkdown('![](https://a.example/p.png)'), '[image](https://a.example/p.png)');
  });

  it('gives the same however the stream is cut', () => {
    const pieces = fc.array(
      fc.constantFrom(
        '[',
        ']',
        '(',
        '<',
        '!',
        '`',
        '\n',
        'command:',
        'vsc',
        'ode:',
        '//a',
        ')',
        ' ',
        '>',
        ':',
        'https',
        '```',
        '&',
      ),
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const stream = new SafeMarkdown();
        assert.equal(parts.map((part) => stream.push(part)).join('') + stream.end(), safeMarkdown(parts.join('')));
      }),
    );
  });

  it('holds back no more than an undecided link', () => {
    const stream = new SafeMarkdown();
    assert.equal(stream.push('Hello [there](comm'), 'Hello [there');
    assert.equal(stream.push('and:x) bye'), ']\\(command:x) bye');
  });
});
