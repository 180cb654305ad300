/** What a link of the model may open by itself: the web and mail. Everything else stays readable text. */
const ALLOWED_SCHEMES = new Set(['http', 'https', 'mailto']);
/** A scheme is short; what is longer and still undecided is no link of ours. */
const MAX_UNDECIDED = 200;

type Verdict = 'open' | 'close' | 'more';

/**
 * Makes the model's Markdown harmless while it streams. Links that run commands or wake other programs (`command:`,
 * `vscode://`, ...) become text, and so do images, which would be fetched without a click. What may still turn into a
 * link is held back until it is decided. Escapes the mark that makes the link and leaves the words alone, so that nothing is hidden.
 */
export class SafeMarkdown {
  #held = '';
  #line = '';
  #fence: string | undefined;

  /** The part of the text that can be shown now. */
  push(text: string): string {
    this.#held += text;
    return this.#drain(false);
  }

  /** What was still held back. The next text starts on a new line of thought. */
  end(): string {
    const rest = this.#drain(true);
    this.#line = '';
    return rest;
  }

  #drain(last: boolean): string {
    let shown = '';
    let at = 0;
    const text = this.#held;
    while (at < text.length) {
      const step = this.#step(text, at, last);
      if (!step) break;
      shown += step.out;
      this.#follow(text.slice(at, at + step.length));
      at += step.length;
    }
    this.#held = text.slice(at);
    return shown;
  }

  /** The next piece and how it is shown; `undefined` when more text is needed to tell. */
  #step(text: string, at: number, last: boolean): { out: string; length: number } | undefined {
    const rest = text.slice(at, at + MAX_UNDECIDED + 4);
    const plain = /^[^\]<!\n]+|^\n/u.exec(text.slice(at))?.[0];
    if (plain) return { out: plain, length: plain.length };
    if (rest.startsWith('!')) {
      if (rest.length < 2) return last ? { out: '!', length: 1 } : undefined;
      return rest[1] === '[' && !this.#inCode() ? this.#image(rest, last) : { out: '!', length: 1 };
    }
    const [mark, safe] = rest.startsWith('<') ? ['<', '&lt;'] : rest.startsWith('](') ? ['](', ']\\('] : [']:', ']\\:'];
    if (rest.length < mark.length && !last) return undefined;
    if (!rest.startsWith(mark)) return { out: rest.charAt(0), length: 1 };
    const verdict = mark === '<' ? autolink(rest.slice(1)) : destination(rest.slice(2));
    if (verdict === 'more' && !last) return undefined;
    return { out: verdict === 'open' ? mark : safe, length: mark.length };
  }

  #image(rest: string, last: boolean): { out: string; length: number } | undefined {
    if (rest.length < 3 && !last) return undefined;
    // Without its mark an image is a link; one without words needs some to be seen.
    return rest[2] === ']' ? { out: '[image', length: 2 } : { out: '[', length: 2 };
  }

  #inCode(): boolean {
    return this.#fence !== undefined || (this.#line.match(/`/gu) ?? []).length % 2 === 1;
  }

  #follow(text: string): void {
    for (const part of text.split(/(\n)/u)) {
      if (part !== '\n') {
        this.#line += part;
        continue;
      }
      const fence = /^\s*(`{3,}|~{3,})/u.exec(this.#line)?.[1];
      if (this.#fence === undefined) this.#fence = fence;
      else if (fence?.startsWith(this.#fence)) this.#fence = undefined;
      this.#line = '';
    }
  }
}

/** Judges what follows `](` or `]:`. Undecided text is `more`; a destination we cannot read is closed. */
function destination(text: string): Verdict {
  const lead = /^[\s<]*/u.exec(text)?.[0] ?? '';
  const body = text.slice(lead.length);
  const end = body.search(/[\s/?#)>:&\\]/u);
  if (end < 0) return text.length > MAX_UNDECIDED ? 'close' : 'more';
  const sign = body[end];
  // An entity or an escape in the scheme is read as the character it stands for: `comm&#97;nd:`, `command\:`.
  if (sign === '&' || sign === '\\') return 'close';
  return sign === ':' ? (ALLOWED_SCHEMES.has(body.slice(0, end).toLowerCase()) ? 'open' : 'close') : 'open';
}

/** Judges what follows `<`: only `<scheme:` makes a link. */
function autolink(text: string): Verdict {
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*/u.exec(text)?.[0] ?? '';
  if (scheme.length === text.length) return text.length > MAX_UNDECIDED ? 'open' : 'more';
  if (text[scheme.length] !== ':' || scheme === '') return 'open';
  return ALLOWED_SCHEMES.has(scheme.toLowerCase()) ? 'open' : 'close';
}

/** A whole text at once. */
export function safeMarkdown(text: string): string {
  const stream = new SafeMarkdown();
  return stream.push(text) + stream.end();
}
