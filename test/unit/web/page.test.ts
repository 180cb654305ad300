import assert from 'node:assert/strict';
import { pageToMarkdown } from '../../../src/web/page';

describe('a page as Markdown', () => {
  it('keeps the text of what is nested deeper than people write, and takes no minute for it', function () {
    // A thousand levels alone took a minute; the limit is far from what this takes now.
    this.timeout(30_000);
    const { markdown } = pageToMarkdown(`<html><body><p>above</p>${'<ul><li>'.repeat(3_000)}below</body></html>`);
    assert.match(markdown, /above/u);
    assert.match(markdown, /below/u);
  });

  it('is read where the word html stands in a comment alone', () => {
    assert.match(pageToMarkdown('<!-- <html > --><p>words</p>').markdown, /words/u);
  });

  it('is read where it has several roots', () => {
    assert.match(pageToMarkdown('<html><body><p>one</p></body></html><html><p>two</p></html>').markdown, /one/u);
  });

  it('leaves what a reader does not see', () => {
    const { title, markdown } = pageToMarkdown(
      '<html><head><title>A title</title></head><body><p>seen</p><p hidden>unseen</p><script>run()</script></body></html>',
    );
    assert.deepEqual([title, markdown.trim()], ['A title', 'seen']);
  });
});
