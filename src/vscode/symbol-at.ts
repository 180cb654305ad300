import * as vscode from 'vscode';

const { Class, Constructor, Enum, Function, Interface, Method, Module, Namespace, Struct } = vscode.SymbolKind;
const KINDS = new Set([Class, Constructor, Enum, Function, Interface, Method, Module, Namespace, Struct]);

/** The innermost function, method or class around a position; `undefined` where no language service knows one. */
export async function symbolAt(uri: vscode.Uri, at: vscode.Position): Promise<vscode.Range | undefined> {
  const found = await vscode.commands.executeCommand<(vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined>(
    'vscode.executeDocumentSymbolProvider',
    uri,
  );
  let innermost: vscode.Range | undefined;
  for (let level = found ?? []; level.length > 0;) {
    const around = level.filter((symbol) => rangeOf(symbol).contains(at));
    for (const symbol of around) {
      const range = rangeOf(symbol);
      if (KINDS.has(symbol.kind) && (innermost?.contains(range) ?? true)) innermost = range;
    }
    level = around.flatMap((symbol) => ('children' in symbol ? symbol.children : []));
  }
  return innermost;
}

function rangeOf(symbol: vscode.DocumentSymbol | vscode.SymbolInformation): vscode.Range {
  return 'location' in symbol ? symbol.location.range : symbol.range;
}
