import { createClient } from './anthropic';
import type { Credential } from './credential';
import { modelErrorOf } from './errors';

/** Tries a credential by one call that costs nothing. `undefined` when it is accepted, else what to tell the user. */
export async function checkKey(credential: Credential, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const client = await createClient(credential);
    await client.models.list({ limit: 1 }, signal ? { signal } : {});
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    // A compatible server may lack the list of models: the key was not what it refused.
    if ((error as { status?: number }).status === 404) return undefined;
    return modelErrorOf(error, credential, 'any model').message;
  }
}
