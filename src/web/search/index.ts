import { anthropicSearch, type MessagesDoor } from './anthropic';
import { braveSearch } from './brave';
import { SearchFailed, type SearchKey, type SearchProvider } from './provider';
import { searxngSearch } from './searxng';
import { tavilySearch } from './tavily';

export type { MessagesDoor } from './anthropic';
export { SearchFailed, type SearchKey, type SearchOptions, type SearchProvider, type SearchResult } from './provider';

export const SEARCH_SERVICES = ['none', 'brave', 'tavily', 'searxng', 'anthropic'] as const;
export type SearchService = (typeof SEARCH_SERVICES)[number];
/** Without a key for Anthropic it is as good as none. */
export const DEFAULT_SEARCH: SearchService = 'anthropic';

interface KeyedService {
  name: string;
  /** The host that its key is bound to. */
  host: string;
  variable: string;
  create: (key: SearchKey, by?: typeof fetch) => SearchProvider;
}

/** The services that need a key of their own. */
export const KEYED_SERVICES: Readonly<Record<'brave' | 'tavily', KeyedService>> = {
  brave: {
    name: 'Brave Search',
    host: 'api.search.brave.com',
    variable: 'BRAVE_API_KEY',
    create: (key, by) => braveSearch(key, undefined, by),
  },
  tavily: {
    name: 'Tavily',
    host: 'api.tavily.com',
    variable: 'TAVILY_API_KEY',
    create: (key, by) => tavilySearch(key, undefined, by),
  },
};

/** What the user chose, and how the keys are come by. */
export interface SearchChoice {
  service: SearchService;
  searxngUrl: string;
  /** A key that was stored for a host; the environment is looked into after it. */
  storedKey?: (host: string) => Promise<SearchKey | undefined>;
  env: Readonly<Record<string, string | undefined>>;
  /** How requests travel; the runtime's own way by default. */
  fetch?: typeof fetch;
  /** `undefined` without a credential for the Messages API. */
  anthropic: () => Promise<MessagesDoor | undefined>;
}

/** The service that the user chose. Throws SearchFailed that says how to set one where there is none. */
export async function chooseSearch(choice: SearchChoice): Promise<SearchProvider> {
  const { service, searxngUrl } = choice;
  switch (service) {
    case 'none':
      throw new SearchFailed(`The user has turned web search off. ${HOW_TO_SET}`);
    case 'searxng':
      if (!URL.canParse(searxngUrl) || !/^https?:/u.test(searxngUrl))
        throw new SearchFailed(
          `SearXNG is chosen for web search, but "${searxngUrl}" is no address. Set mlEngineer.web.searxngUrl, as in https://searx.example.org.`,
        );
      return searxngSearch(new URL(searxngUrl), choice.fetch);
    case 'anthropic': {
      const door = await choice.anthropic();
      if (!door) throw new SearchFailed(`Web search is not set up: there is no key for Anthropic. ${HOW_TO_SET}`);
      return anthropicSearch(door);
    }
    default: {
      const { name, host, variable, create } = KEYED_SERVICES[service];
      const value = choice.env[variable]?.trim();
      const key =
        (await choice.storedKey?.(host)) ?? (value ? { value, source: `environment variable ${variable}` } : undefined);
      if (!key)
        throw new SearchFailed(
          `${name} is chosen for web search, but there is no key for it. Tell the user to run "ML Engineer: Set Web Search Key", or to set ${variable}.`,
        );
      return create(key, choice.fetch);
    }
  }
}

const HOW_TO_SET =
  'Tell the user to choose a service with the setting mlEngineer.web.search (in the terminal: --web-search): brave, tavily, searxng or anthropic.';
