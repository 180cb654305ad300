import * as tls from 'node:tls';
import * as vscode from 'vscode';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy of VS Code's settings in the words of an environment, with the precedence that VS Code itself has: its setting
 * before the variables, `http.noProxy` in the place of NO_PROXY, and none at all where `http.proxySupport` is off.
 * For connections that VS Code does not make for us: it would ask the proxy for a name, and pages are asked for by the
 * address that was judged.
 */
export function proxyEnvironment(env: Environment = process.env): Record<string, string> {
  const http = vscode.workspace.getConfiguration('http');
  if (http.get('proxySupport') === 'off') return {};
  const named = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'].map((name) => env[name]).find(Boolean);
  const proxy = http.get<string>('proxy') || named;
  if (!proxy) return {};
  const except = http.get<string[]>('noProxy') ?? [];
  const noProxy = except.length > 0 ? except.join(',') : (env['no_proxy'] ?? env['NO_PROXY'] ?? '');
  return { https_proxy: proxy, http_proxy: proxy, no_proxy: noProxy };
}

/** The certificates of the system, where VS Code's settings take them; `undefined` where the runtime cannot tell them. */
export function systemCertificates(): string[] | undefined {
  if (vscode.workspace.getConfiguration('http').get('systemCertificates') === false) return undefined;
  // Since Node 22.15.
  const { getCACertificates } = tls as { getCACertificates?: (of: 'system' | 'default') => string[] };
  return getCACertificates && [...getCACertificates('default'), ...getCACertificates('system')];
}
