import type { Usage } from '../../agent/events';

export interface SearchResult {
  title: string;
  url: string;
  /** Plain text; empty where the service says nothing of the page. */
  snippet: string;
}

/** What a search cost that a model took part in. */
export interface Spent {
  usage: Usage;
  model: string;
  /** US dollars, `null` where the price is unknown. */
  costUsd: number | null;
}

export interface SearchOptions {
  count: number;
  /** Host names without scheme; each stands for its subdomains too. A service may ignore both lists: the caller filters. */
  includeDomains: readonly string[];
  excludeDomains: readonly string[];
  /** Called once for each request that cost tokens, before its answer is read further. */
  spent?: (spent: Spent) => Promise<void>;
}

/** A service that searches the web. */
export interface SearchProvider {
  /** For people. */
  readonly name: string;
  /** Where the query goes. */
  readonly url: URL;
  /** Best first. Throws SearchFailed, and the signal's reason on abort. */
  search(query: string, options: SearchOptions, signal: AbortSignal): Promise<SearchResult[]>;
}

/** A key of a search service. It goes to the host it was set for and nowhere else. */
export interface SearchKey {
  value: string;
  /** For people: `environment variable BRAVE_API_KEY`. Never the value. */
  source: string;
}

/** Why there are no results: for the model and for people, with what to do next. */
export class SearchFailed extends Error {}
