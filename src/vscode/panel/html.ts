import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { pageMarkup } from '../../panel/markup';

/** The page as the editor shows it. */
export function pageHtml(webview: vscode.Webview, extension: vscode.Uri): string {
  return pageMarkup({
    language: vscode.env.language,
    nonce: randomBytes(16).toString('base64'),
    origin: webview.cspSource,
    address: (...parts) => String(webview.asWebviewUri(vscode.Uri.joinPath(extension, ...parts))),
  });
}
