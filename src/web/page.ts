import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import TurndownService from 'turndown';

/** Of a page nothing is read that a person would not see, and nothing that could run or be fetched. */
const UNSEEN =
  'script, style, noscript, template, iframe, object, embed, svg, canvas, link, meta, [hidden], [aria-hidden="true"], [style*="display:none"], [style*="display: none"], [style*="visibility:hidden"], img[src^="data:"]';

/** Deeper than people write. Readability's time grows with the cube of the depth: a thousand levels are a minute. */
const MAX_DEPTH = 100;

/** What is used of linkedom's document; its own types are those of a browser, which this project has not. */
interface Page {
  title: string;
  documentElement: PageElement | null;
  body: PageElement;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

interface PageElement {
  tagName: string;
  innerHTML: string;
  textContent: string;
  children: Iterable<PageElement>;
  remove(): void;
}

/** An HTML page as Markdown: its article where there is one, else its whole body. */
export function pageToMarkdown(html: string): { title: string; markdown: string } {
  const given = /<html[\s>]/iu.test(html) ? parse(html) : undefined;
  // The word may stand in a comment alone, and then there is no such root.
  const first = given?.documentElement?.tagName === 'HTML' ? given : bodyOf(html);
  const title = first.title.trim();
  strip(first);
  // What is written out and read again is not always the same page: a comment may end earlier than it did.
  const whole = strip(bodyOf(first.body.innerHTML)).body.innerHTML;
  const article = articleOf(first);
  // A page that is all links and tables has no article.
  const isArticle = (article?.textContent ?? '').trim().length >= MIN_ARTICLE_CHARACTERS;
  const turndown = new TurndownService({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' });
  const shown = strip(bodyOf((isArticle ? article?.content : undefined) ?? whole));
  return { title, markdown: turndown.turndown(shown.body).trim() };
}

const MIN_ARTICLE_CHARACTERS = 200;

/** Of a page that has several roots Readability walks past the top of one, and throws; of one that turns out deep, too. */
function articleOf(document: Page): ReturnType<Readability['parse']> | undefined {
  try {
    return new Readability(document).parse();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    return undefined;
  }
}

/** Takes out what a reader does not see, and leaves only the text of what lies too deep. */
function strip(page: Page): Page {
  for (const one of [...page.querySelectorAll(UNSEEN)]) one.remove();
  flatten(page.body);
  return page;
}

function flatten(body: PageElement): void {
  let level = [body];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === MAX_DEPTH) for (const one of level) one.textContent = one.textContent;
    level = depth === MAX_DEPTH ? [] : level.flatMap((one) => [...one.children]);
  }
}

function bodyOf(html: string): Page {
  return parse(`<html><body>${html}</body></html>`);
}

function parse(html: string): Page {
  return (parseHTML(html) as unknown as { document: Page }).document;
}
