import type { SearchOptions } from './provider';

type Domains = Pick<SearchOptions, 'includeDomains' | 'excludeDomains'>;

/** The host name a model meant by `docs.x.org`, `*.x.org` or `https://x.org/a`; `undefined` where there is none. */
export function domainOf(text: string): string | undefined {
  const bare = text.trim().replace(/^\*\./u, '');
  const url = /^https?:\/\//iu.test(bare) ? bare : `https://${bare}`;
  if (!URL.canParse(url)) return undefined;
  const host = new URL(url).hostname.replace(/\.$/u, '');
  return host.includes('.') ? host : undefined;
}

/** Whether a page is one of the web and lies within the domains asked for and outside those left out. */
export function isWanted(url: string, { includeDomains, excludeDomains }: Domains): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  const lies = (domain: string): boolean => hostname === domain || hostname.endsWith(`.${domain}`);
  return (includeDomains.length === 0 || includeDomains.some(lies)) && !excludeDomains.some(lies);
}

/** The query with the domains as search operators, for services that know no other way; without them where it gets too long. */
export function withSites(query: string, { includeDomains, excludeDomains }: Domains, maxCharacters: number): string {
  const wanted = includeDomains.map((domain) => `site:${domain}`).join(' OR ');
  const words = [query, wanted, ...excludeDomains.map((domain) => `-site:${domain}`)].filter((word) => word !== '');
  const whole = words.join(' ');
  return whole.length > maxCharacters ? query : whole;
}
