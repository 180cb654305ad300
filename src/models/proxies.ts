import { isIP } from 'node:net';

/** The proxy that the environment names for a URL, as curl and most tools read it; `undefined`: straight. */
export function proxyFor(url: URL, env: Readonly<Record<string, string | undefined>>): URL | undefined {
  if (isExcepted(url, variable(env, 'no_proxy'))) return undefined;
  const named = variable(env, url.protocol === 'https:' ? 'https_proxy' : 'http_proxy') || variable(env, 'all_proxy');
  if (!named) return undefined;
  const text = /^[a-z][a-z\d+.-]*:\/\//iu.test(named) ? named : `http://${named}`;
  if (!URL.canParse(text)) throw new UnusableProxy('The proxy in the environment is not a URL.');
  const proxy = new URL(text);
  if (!/^https?:$/u.test(proxy.protocol))
    throw new UnusableProxy(
      `Proxies of the kind ${proxy.protocol.replace(':', '')} are not supported: use an http one.`,
    );
  return proxy;
}

/** A proxy variable that names no proxy we can use. The message never holds its value, which may hold a password. */
export class UnusableProxy extends Error {}

/** True where requests need more than the runtime's own fetch: a proxy, or a file of certificates. */
export function needsRoute(env: Readonly<Record<string, string | undefined>>): boolean {
  return ['https_proxy', 'http_proxy', 'all_proxy', 'ssl_cert_file'].some((name) => variable(env, name));
}

/** Written in small letters or in capitals; the small ones win, as with curl. */
export function variable(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  return env[name] ?? env[name.toUpperCase()];
}

/** `NO_PROXY`: hosts, domains with or without a leading dot or `*.`, each with a port if it likes; `*` is all. */
function isExcepted({ hostname, port, protocol }: URL, list = ''): boolean {
  const host = bare(hostname);
  if (isLoopback(host)) return true;
  const at = port || (protocol === 'https:' ? '443' : '80');
  return list.split(/[\s,]+/u).some((entry) => {
    if (entry === '') return false;
    if (entry === '*') return true;
    const [, name = '', itsPort] = /^(.*?)(?::(\d+))?$/u.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
    if (itsPort !== undefined && itsPort !== at) return false;
    const domain = bare(name.toLowerCase()).replace(/^\*?\./u, '');
    return domain !== '' && (host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`)));
  });
}

function bare(name: string): string {
  return name.replace(/^\[|\]$/gu, '');
}

/** This machine is reached by no proxy. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./u.test(host);
}
