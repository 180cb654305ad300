/** What of the web a person named in messages of their own. */
export interface Said {
  /** URLs, and of those the hosts that stood there alone: `https://example.org` names the host, `https://example.org/a` that page. */
  urls: ReadonlySet<string>;
  hosts: ReadonlySet<string>;
}

const MAX_CHARACTERS = 200_000;
const URLS = /https?:\/\/[^\s<>"'`\p{Cc}]+/giu;
/** What ends a sentence or a link's markup, not a URL. */
const TRAILING = /[.,;:!?)\]}*_~|]+$/u;

/** Reads the URLs in messages. A name without `https://` counts for nothing: a file of a repository can be called anything. */
export function saidIn(messages: readonly string[]): Said {
  const urls = new Set<string>();
  const hosts = new Set<string>();
  for (const message of messages) {
    for (const [text] of message.slice(0, MAX_CHARACTERS).matchAll(URLS)) {
      for (const one of [text, text.replace(TRAILING, '')]) {
        const url = plain(one);
        if (!url || url.username !== '' || url.password !== '') continue;
        urls.add(url.href);
        if (url.pathname === '/' && url.search === '') hosts.add(url.host);
      }
    }
  }
  return { urls, hosts };
}

export function isSaid({ url, host }: { url: string; host: string }, said: Said): boolean {
  return said.hosts.has(host) || said.urls.has(plain(url)?.href ?? '');
}

/** Without its fragment, which is not sent. */
function plain(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.hash = '';
  return url;
}
