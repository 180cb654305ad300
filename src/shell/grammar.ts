import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type * as TreeSitter from '@vscode/tree-sitter-wasm';
import type { Dialect } from '../agent/tool';

export type SyntaxNode = TreeSitter.Node;

/** A real grammar of a shell. `parse` is synchronous once it is loaded. */
export interface Grammar {
  dialect: Dialect;
  /** The root of the line's syntax tree, `hasError` where the line is not shell; `undefined` where there is no grammar. */
  parse: (line: string) => SyntaxNode | undefined;
}

/**
 * What is longer is not read. The grammar of PowerShell takes four times as long for twice the signs where they are no
 * command: minutes for 8,000.
 */
const MAX_CHARACTERS: Readonly<Record<Dialect, number>> = { bash: 50_000, powershell: 1_000 };

/** Nor is what takes longer than this to be read: text that is no command can take the square of its length. */
const MAX_READING_MS = 1_000;

type Loaded = typeof TreeSitter;

const loaded = new Map<string, Promise<Grammar>>();

/**
 * The grammar of a shell, loaded with the first command that has to be judged and kept from then on. Never rejects: one
 * that does not load reads nothing, so that every command has to be asked for, and the next call tries again.
 */
export function grammarOf(dialect: Dialect, file = `tree-sitter-${dialect}.wasm`): Promise<Grammar> {
  const known = loaded.get(file);
  if (known) return known;
  const loading = load(dialect, file).catch((): Grammar => {
    loaded.delete(file);
    return { dialect, parse: () => undefined };
  });
  loaded.set(file, loading);
  return loading;
}

async function load(dialect: Dialect, file: string): Promise<Grammar> {
  const engine = (await import('@vscode/tree-sitter-wasm')) as Loaded & { default?: Loaded };
  // A CommonJS module: Node hands it over as the default, a bundle by its names.
  const { Parser: GrammarParser, Language } = engine.default ?? engine;
  const folder = await wasmFolder();
  await GrammarParser.init({ locateFile: (name: string) => join(folder, name) });
  const parser: TreeSitter.Parser = new GrammarParser();
  parser.setLanguage(await Language.load(join(folder, file)));
  const most = MAX_CHARACTERS[dialect];
  return { dialect, parse: (line) => (line.length > most ? undefined : readInTime(parser, line)) };
}

function readInTime(parser: TreeSitter.Parser, line: string): SyntaxNode | undefined {
  const until = performance.now() + MAX_READING_MS;
  const tree = parser.parse(line, null, { progressCallback: () => performance.now() > until });
  // Else the next line would be taken for the rest of this one.
  if (!tree) parser.reset();
  return tree?.rootNode;
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
