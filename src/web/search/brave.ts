import * as z from 'zod';
import { withSites } from './domains';
import type { SearchKey, SearchProvider } from './provider';
import { listOf, readAnswer, requestJson, resultSchema, type Service } from './request';

const ENDPOINT = 'https://api.search.brave.com/res/v1/web/search';
/** Of the service. */
const MAX_QUERY_CHARACTERS = 400;
const MAX_RESULTS = 20;

const answerSchema = z.object({
  type: z.literal('search'),
  web: z.object({ results: listOf(resultSchema('description')) }).nullish(),
});

/** https://api-dashboard.search.brave.com/app/documentation/web-search/get-started */
export function braveSearch(key: SearchKey, endpoint = ENDPOINT, by: typeof fetch = fetch): SearchProvider {
  const service: Service = { name: 'Brave Search', keySource: key.source };
  return {
    name: service.name,
    url: new URL(endpoint),
    async search(query, options, signal) {
      const url = new URL(endpoint);
      const filtered = options.includeDomains.length + options.excludeDomains.length > 0;
      url.searchParams.set('q', withSites(query, options, MAX_QUERY_CHARACTERS));
      url.searchParams.set('count', String(filtered ? MAX_RESULTS : Math.min(options.count, MAX_RESULTS)));
      url.searchParams.set('result_filter', 'web');
      url.searchParams.set('text_decorations', 'false');
      const headers = { accept: 'application/json', 'x-subscription-token': key.value };
      const send = (stops: AbortSignal): Promise<Response> => by(url, { headers, redirect: 'manual', signal: stops });
      return readAnswer(service, answerSchema, await requestJson(service, send, signal)).web?.results ?? [];
    },
  };
}
