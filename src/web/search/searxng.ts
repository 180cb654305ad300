import * as z from 'zod';
import { withSites } from './domains';
import type { SearchProvider } from './provider';
import { listOf, readAnswer, requestJson, resultSchema, type Service } from './request';

const MAX_QUERY_CHARACTERS = 1_000;

const answerSchema = z.object({ results: listOf(resultSchema('content')) });

/** https://docs.searxng.org/dev/search_api.html; `base` is where the instance lies, with the path it may lie under. */
export function searxngSearch(base: URL, by: typeof fetch = fetch): SearchProvider {
  const service: Service = {
    name: `SearXNG at ${base.host}`,
    statuses: {
      403: 'it does not give JSON (403). Add "json" to search.formats in its settings.yml; many public instances leave it out.',
    },
  };
  return {
    name: service.name,
    url: base,
    async search(query, options, signal) {
      const url = new URL(base);
      url.pathname = `${url.pathname.replace(/\/(?:search)?$/u, '')}/search`;
      url.search = new URLSearchParams({
        q: withSites(query, options, MAX_QUERY_CHARACTERS),
        format: 'json',
      }).toString();
      const send = (stops: AbortSignal): Promise<Response> =>
        by(url, { headers: { accept: 'application/json' }, redirect: 'manual', signal: stops });
      return readAnswer(service, answerSchema, await requestJson(service, send, signal)).results;
    },
  };
}
