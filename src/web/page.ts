import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import TurndownService from 'turndown';

/** Of a page nothing is read that a person would not see, and nothing that could run or be fetched. */
const UNSEEN =
  'script, style, noscript, template, iframe, object, embed, svg, canvas, link, meta, [hidden], [aria-hidden="true"], [style*="display:none"], [style*="display: none"], [style*="visibility:hidden"], img[src^="data:"]';

/** What is used of linkedom's document; its own types are those of a browser, which this project has not. */
interface Page {
  title: string;
  body: { innerHTML: string };
  querySelectorAll(selector: string): Iterable<{ remove(): void }>;
}

/** An HTML page as Markdown: its article where there is one, else its whole body. */
export function pageToMarkdown(html: string): { title: string; markdown: string } {
  const document = parse(/<html[\s>]/iu.test(html) ? html : `<html><body>${html}</body></html>`);
  const title = document.title.trim();
  for (const one of [...document.querySelectorAll(UNSEEN)]) one.remove();
  const whole = document.body.innerHTML;
  const article = new Readability(document).parse();
  // A page that is all links and tables has no article.
  const isArticle = (article?.textContent ?? '').trim().length >= MIN_ARTICLE_CHARACTERS;
  const turndown = new TurndownService({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' });
  const shown = parse(`<html><body>${isArticle ? article?.content : whole}</body></html>`);
  return { title, markdown: turndown.turndown(shown.body).trim() };
}

const MIN_ARTICLE_CHARACTERS = 200;

function parse(html: string): Page {
  return (parseHTML(html) as unknown as { document: Page }).document;
}
