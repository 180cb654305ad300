import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** The page before it is drawn. Its policy: our own files alone, no markup made from strings, nothing sent anywhere. */
export function pageHtml(webview: vscode.Webview, extension: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const address = (...parts: string[]): string =>
    String(webview.asWebviewUri(vscode.Uri.joinPath(extension, ...parts)));
  const { cspSource } = webview;
  const policy = `default-src 'none'; style-src ${cspSource}; font-src ${cspSource}; img-src ${cspSource} data:; script-src 'nonce-${nonce}'; require-trusted-types-for 'script'`;
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${address('dist', 'codicon.css')}">
<link rel="stylesheet" href="${address('media', 'panel.css')}">
<title>ML Engineer</title>
</head>
<body>
<main id="panel"></main>
<script nonce="${nonce}" src="${address('dist', 'panel.js')}" data-colours="${address('dist', 'panel-colours.js')}"></script>
</body>
</html>`;
}
