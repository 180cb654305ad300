import type { MessageCreateParamsNonStreaming } from '@anthropic-ai/sdk/resources/messages';
import { createClient } from './anthropic';
import { DEFAULT_BASE_URL, type Credential } from './credential';
import { modelErrorOf } from './errors';
import { costOf } from './prices';
import { fetchOf, type Wire } from './wire';

/** What a request apart from the conversation goes through: same credential, same endpoint, nothing tried twice. */
export interface Door {
  endpoint: URL;
  send(body: { model: string; [field: string]: unknown }, signal: AbortSignal): Promise<Response>;
  costOf: typeof costOf;
}

/** Sends requests to the Messages API as they are and gives the answers as they come. Throws ModelError. */
export function openDoor(credential: Credential, wire?: Wire): Door {
  const fetch = fetchOf(wire);
  return {
    endpoint: new URL(credential.baseUrl ?? DEFAULT_BASE_URL),
    costOf,
    async send(body, signal) {
      const client = await createClient(credential, { fetch });
      try {
        const params = body as unknown as MessageCreateParamsNonStreaming;
        return await client.messages.create(params, { signal }).asResponse();
      } catch (error) {
        signal.throwIfAborted();
        throw modelErrorOf(error, credential, body.model);
      }
    },
  };
}
