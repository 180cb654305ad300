import { ModelError } from '../agent/model';
import { DEFAULT_BASE_URL, type Credential } from './credential';

/** What the SDK's errors look like; read by shape, so that the SDK need not be loaded to tell them. */
interface ApiFailure {
  status?: number;
  headers?: Headers;
  error?: { error?: { type?: string; message?: string } };
  message: string;
}

/** A failure of a request as a sentence for the user that says what to do next. A ModelError is passed through. */
export function modelErrorOf(failure: unknown, credential: Credential, model: string): ModelError {
  if (failure instanceof ModelError) return failure;
  const { status, headers, error, message } = failure as ApiFailure;
  const type = error?.error?.type;
  const said = error?.error?.message ?? message ?? String(failure);
  const endpoint = credential.baseUrl ?? DEFAULT_BASE_URL;
  const cause = failure;
  if (status === undefined && type === undefined) {
    return new ModelError(
      `${endpoint} could not be reached: ${reasonOf(failure)}. Check the network and proxy settings.`,
      { code: 'offline', retryAfterMs: 0, cause },
    );
  }
  if (status === 401) {
    return new ModelError(
      `${endpoint} does not accept the key from the ${credential.source}. Run "ML Engineer: Set API Key".`,
      { code: 'bad-key', cause },
    );
  }
  if (status === 403)
    return new ModelError(`The key from the ${credential.source} may not use ${model}: ${said}`, { cause });
  if (status === 404)
    return new ModelError(`${endpoint} has no model ${model}. Choose another model.`, { code: 'model-gone', cause });
  // The API tells an overfull context from other bad requests by its words alone.
  if (status === 413 || (status === 400 && said.startsWith('prompt is too long')))
    return new ModelError('The request is larger than the server takes. Start a new session, or attach less.', {
      code: 'context-full',
      cause,
    });
  if (status === 429 || status === 408 || (status ?? 0) >= 500 || type === 'overloaded_error' || type === 'api_error') {
    return new ModelError(`${endpoint} is busy (${status ?? type}): ${firstLine(said)}`, {
      retryAfterMs: retryAfter(headers),
      cause,
    });
  }
  return new ModelError(`${endpoint} refused the request (${status ?? type}): ${firstLine(said)}`, { cause });
}

/** `retry-after` in ms, 0 where there is none: then the caller's own backoff counts. */
function retryAfter(headers: Headers | undefined): number {
  const seconds = Number(headers?.get('retry-after') ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
}

/** The innermost cause says what is wrong: ECONNREFUSED, ENOTFOUND, a certificate. */
function reasonOf(failure: unknown): string {
  let inner = failure;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  const { code, message } = inner as NodeJS.ErrnoException;
  return code && !message.includes(code) ? `${message} (${code})` : message;
}

/** An HTML error page has many lines and says nothing in them. */
function firstLine(text: string): string {
  const line = /<[a-z!]/iu.test(text) ? text.replaceAll(/<[^>]*>/gu, ' ') : text;
  return line.replaceAll(/\s+/gu, ' ').trim().slice(0, 300);
}
