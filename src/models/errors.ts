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
  const endpoint = credential.baseUrl ?? DEFAULT_BASE_URL;
  if (isConnectionFailure(failure)) {
    return new ModelError(
      `${endpoint} could not be reached: ${innermostReason(failure)}. Check the network and proxy settings.`,
      { code: 'offline', retryAfterMs: 0, cause: failure },
    );
  }
  const { status = 0, headers, error, message } = failure as ApiFailure;
  const type = error?.error?.type;
  const said = firstLine(error?.error?.message ?? message ?? String(failure));
  const fail = (text: string, details: { code?: ModelError['code']; retryAfterMs?: number } = {}): ModelError =>
    new ModelError(text, {
      ...(details.code ? { code: details.code } : {}),
      ...(details.retryAfterMs === undefined ? {} : { retryAfterMs: details.retryAfterMs }),
      cause: failure,
    });
  if (status >= 300 && status < 400)
    return fail(
      `${endpoint} sends the request on to ${headers?.get('location') ?? 'elsewhere'}, and the key was not set for that. If it is right, make it the base URL.`,
    );
  if (status === 401)
    return fail(`${endpoint} does not accept the key from the ${credential.source}. Run "ML Engineer: Set API Key".`, {
      code: 'bad-key',
    });
  if (status === 403) return fail(`The key from the ${credential.source} may not use ${model}: ${said}`);
  if (status === 404 && type === 'not_found_error')
    return fail(`${endpoint} has no model ${model}. Choose another model.`, { code: 'model-gone' });
  if (status === 404)
    return fail(`${endpoint} has no Messages API: ${said}. Check the base URL; it ends before /v1/messages.`);
  // The API tells an overfull context from other bad requests by its words alone.
  if (status === 413 || (status === 400 && said.startsWith('prompt is too long')))
    return fail('The request is larger than the server takes. Start a new session, or attach less.', {
      code: 'context-full',
    });
  if (status === 429 || status === 408 || status >= 500 || type === 'overloaded_error' || type === 'api_error')
    return fail(`${endpoint} is busy (${status || type}): ${said}`, { retryAfterMs: retryAfter(headers) });
  return fail(`${endpoint} refused the request (${status || type}): ${said}`);
}

/** No answer of the server at all: neither a status nor an error it named. */
export function isConnectionFailure(failure: unknown): boolean {
  if (failure instanceof ModelError) return false;
  const { status, error } = failure as ApiFailure;
  return status === undefined && error?.error?.type === undefined;
}

/** `retry-after` in ms, given in seconds or as a date; 0 where there is none: then the caller's own backoff counts. */
function retryAfter(headers: Headers | undefined): number {
  const value = headers?.get('retry-after');
  if (!value) return 0;
  const seconds = Number(value);
  const ms = Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1_000;
  return Number.isFinite(ms) && ms > 0 ? ms : 0;
}

/** The innermost cause says what is wrong: ECONNREFUSED, ENOTFOUND, a certificate. */
export function innermostReason(failure: unknown): string {
  let inner = failure;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  const { code, message } = inner as NodeJS.ErrnoException;
  return code && !message.includes(code) ? `${message} (${code})` : message;
}

/** An HTML error page has many lines and says nothing in them. */
function firstLine(text: string): string {
  const line = /<[a-z!]/iu.test(text) ? text.replaceAll(/<[^>]*>/gu, ' ') : text;
  return line.replaceAll(/\s+/gu, ' ').trim().slice(0, 300);
}
