import assert from 'node:assert/strict';
import { escapeMarkdown, fenced } from '../../../src/text/markdown';
import { visible } from '../../../src/text/visible';

describe('what a person is shown before answering', () => {
  it('writes out what reorders or hides text', () => {
    assert.equal(
      visible('rm\u202e -rf\u200b \u0007data\r\n\tnext\u{e0041}'),
      'rm⟨U+202E⟩ -rf⟨U+200B⟩ ⟨U+0007⟩data\n\tnext⟨U+E0041⟩',
    );
    assert.equal(visible('a\rb'), 'a⟨U+000D⟩b');
  });

  it('leaves letters of any script alone', () => {
    const text = 'größe 数据 модель 🙂';
    assert.equal(visible(text), text);
  });

  it('escapes what Markdown would swallow', () => {
    assert.equal(
      escapeMarkdown('my_file_v2.py <b> & [x](y)\nz'),
      'my\\_file\\_v2\\.py &lt;b\\> &amp; \\[x\\]\\(y\\) z',
    );
  });

  it('fences with more backticks than the text has', () => {
    assert.equal(fenced('a\n````\nb\n', 'diff'), '`````diff\na\n````\nb\n`````');
  });
});
