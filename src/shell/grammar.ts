import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type * as TreeSitter from '@vscode/tree-sitter-wasm';

export type SyntaxNode = TreeSitter.Node;

/** A real grammar of bash. `parse` is synchronous once it is loaded. */
export interface Grammar {
  /** The root of the line's syntax tree; `hasError` where the line is not shell. */
  parse: (line: string) => SyntaxNode;
}

type Loaded = typeof TreeSitter;

let bash: Promise<Grammar> | undefined;

/** The grammar, loaded with the first command that has to be judged and kept from then on. */
export function bashGrammar(): Promise<Grammar> {
  return (bash ??= load('tree-sitter-bash.wasm'));
}

async function load(language: string): Promise<Grammar> {
  const loaded = (await import('@vscode/tree-sitter-wasm')) as Loaded & { default?: Loaded };
  // A CommonJS module: Node hands it over as the default, a bundle by its names.
  const { Parser: GrammarParser, Language } = loaded.default ?? loaded;
  const folder = await wasmFolder();
  await GrammarParser.init({ locateFile: (name: string) => join(folder, name) });
  const parser: TreeSitter.Parser = new GrammarParser();
  parser.setLanguage(await Language.load(join(folder, language)));
  return {
    parse(line) {
      const tree = parser.parse(line);
      if (!tree) throw new Error('the shell grammar gave no tree');
      return tree.rootNode;
    },
  };
}

/** Beside the bundle, where the build puts it; in a checkout that was not built, the package's own. */
async function wasmFolder(): Promise<string> {
  const beside = join(__dirname, 'wasm');
  const built = await access(beside).then(
    () => true,
    () => false,
  );
  return built ? beside : join(dirname(require.resolve('@vscode/tree-sitter-wasm')));
}
