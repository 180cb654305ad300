import * as z from 'zod';
import type { SearchKey, SearchProvider } from './provider';
import { listOf, readAnswer, requestJson, resultSchema, type Service } from './request';

const ENDPOINT = 'https://api.tavily.com/search';
const MAX_RESULTS = 20;

const answerSchema = z.object({ results: listOf(resultSchema('content')) });

/** https://docs.tavily.com/documentation/api-reference/endpoint/search */
export function tavilySearch(key: SearchKey, endpoint = ENDPOINT, by: typeof fetch = fetch): SearchProvider {
  const service: Service = {
    name: 'Tavily',
    keySource: key.source,
    statuses: {
      432: "the plan's limit is used up (432). Raise it, or choose another service with mlEngineer.web.search.",
      433: 'the pay-as-you-go limit is used up (433). Raise it, or choose another service with mlEngineer.web.search.',
    },
  };
  return {
    name: service.name,
    url: new URL(endpoint),
    async search(query, { count, includeDomains, excludeDomains }, signal) {
      const body = JSON.stringify({
        query,
        max_results: Math.min(count, MAX_RESULTS),
        search_depth: 'basic',
        include_domains: includeDomains,
        exclude_domains: excludeDomains,
      });
      const headers = { authorization: `Bearer ${key.value}`, 'content-type': 'application/json' };
      const send = (stops: AbortSignal): Promise<Response> =>
        by(endpoint, { method: 'POST', headers, body, redirect: 'manual', signal: stops });
      return readAnswer(service, answerSchema, await requestJson(service, send, signal)).results;
    },
  };
}
