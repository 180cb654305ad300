import { ModelError } from '../agent/model';
import { firstLine, innermostReason, retryAfterMs } from '../text/http-failure';
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
    return fail(`${endpoint} is busy (${status || type}): ${said}`, {
      retryAfterMs: retryAfterMs(headers?.get('retry-after')),
    });
  return fail(`${endpoint} refused the request (${status || type}): ${said}`);
}

/** No answer of the server at all: neither a status nor an error it named. */
export function isConnectionFailure(failure: unknown): boolean {
  if (failure instanceof ModelError) return false;
  const { status, error } = failure as ApiFailure;
  return status === undefined && error?.error?.type === undefined;
}
