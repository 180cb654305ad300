import type { Emitter } from 'highlight.js';
import type { Kind } from './pieces';

export interface Token {
  from: number;
  to: number;
  kind: Kind;
}

/** The grammars' names of scopes; what is not here is coloured as what it lies in. */
const KIND_OF: Record<string, Kind | ''> = {
  ...{ keyword: 'keyword', literal: 'keyword', 'variable.language': 'keyword', doctag: 'keyword', name: 'keyword' },
  ...{ section: 'keyword', bullet: 'keyword', 'selector-tag': 'keyword' },
  ...{ string: 'string', regexp: 'string', link: 'string', code: 'string' },
  ...{ number: 'number', symbol: 'number', 'char.escape': 'number' },
  ...{ comment: 'comment', quote: 'comment' },
  ...{ type: 'type', 'title.class': 'type', 'selector-class': 'type', 'selector-id': 'type' },
  ...{ built_in: 'function', title: 'function' },
  ...{ attr: 'name', attribute: 'name', property: 'name', variable: 'name', 'template-variable': 'name' },
  ...{ meta: 'meta', 'selector-pseudo': 'meta' },
  // Code within a text.
  subst: '',
};

/** Takes what the grammars find as places in the text. */
export class Tokens implements Emitter {
  readonly tokens: Token[] = [];
  #length = 0;
  readonly #within: (Kind | '')[] = [''];

  addText(text: string): void {
    const from = this.#length;
    this.#length += text.length;
    const kind = this.#within.at(-1);
    if (kind) this.#add({ from, to: this.#length, kind });
  }

  startScope(scope: string): void {
    this.#within.push(kindOf(scope) ?? this.#within.at(-1) ?? '');
  }

  endScope(): void {
    this.#within.pop();
  }

  openNode(scope: string): void {
    this.startScope(scope);
  }

  closeNode(): void {
    this.endScope();
  }

  /** Another language within this one. */
  __addSublanguage(other: Emitter): void {
    if (!(other instanceof Tokens)) return;
    for (const { from, to, kind } of other.tokens)
      this.#add({ from: this.#length + from, to: this.#length + to, kind });
    this.#length += other.#length;
  }

  finalize(): void {}

  toHTML(): string {
    return '';
  }

  #add(token: Token): void {
    const last = this.tokens.at(-1);
    if (last?.to === token.from && last.kind === token.kind) last.to = token.to;
    else this.tokens.push(token);
  }
}

/** By its longest beginning that is known. */
function kindOf(scope: string): Kind | '' | undefined {
  for (let name = scope; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.'))))
    if (Object.hasOwn(KIND_OF, name)) return KIND_OF[name];
  return undefined;
}
