import assert from 'node:assert/strict';
import { label } from '../../../src/text/label';

describe('a label', () => {
  it('is one line, whatever breaks lines in the text', () => {
    assert.equal(label(' a\r\n\tb\u2028c\n\n', 20), 'a b c');
  });

  it('shows what is hidden, and what would turn the line round', () => {
    assert.equal(label('safe\u202egpj.exe\u200b', 60), 'safe⟨U+202E⟩gpj.exe⟨U+200B⟩');
  });

  it('is never longer than it may be, nor ends in half a character', () => {
    assert.equal(label('abcdef', 6), 'abcdef');
    assert.equal(label('abcdefg', 6), 'abcde…');
    assert.equal(label('😀'.repeat(7), 6), `${'😀'.repeat(5)}…`);
    for (const text of ['x'.repeat(1_000_000), '\u202e'.repeat(100), `${' '.repeat(100)}x`])
      assert.ok([...label(text, 10)].length <= 10);
  });
});
