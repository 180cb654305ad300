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
  const known = modelErrorIn(failure);
  if (known) return known;
  const endpoint = credential.baseUrl ?? DEFAULT_BASE_URL;
  if (isConnectionFailure(failure)) {
    const refusal = refusedByProxy(failure);
    if (refusal) return refusal;
    if (isUntrusted(failure))
      return new ModelError(
        `${endpoint} could not be trusted: ${innermostReason(failure)}. Behind a proxy that opens TLS, name its certificate in NODE_EXTRA_CA_CERTS.`,
        { code: 'offline', cause: failure },
      );
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
  if (status === 403)
    return fail(
      `The key from the ${credential.source} may not use ${model}: ${said}. Choose another model, or set another key.`,
      { code: 'no-access' },
    );
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
      code: 'busy',
      retryAfterMs: retryAfterMs(headers?.get('retry-after')),
    });
  return fail(
    `${endpoint} refused the request (${status || type}): ${said}. Choose another model, or start a new session.`,
  );
}

/** No answer of the server at all: neither a status nor an error it named. */
export function isConnectionFailure(failure: unknown): boolean {
  if (modelErrorIn(failure)) return false;
  const { status, error } = failure as ApiFailure;
  return status === undefined && error?.error?.type === undefined;
}

/** The error that was ours when it was thrown: the SDK wraps what its fetch throws. */
export function modelErrorIn(failure: unknown): ModelError | undefined {
  for (let inner = failure; inner instanceof Error; inner = inner.cause) if (inner instanceof ModelError) return inner;
  return undefined;
}

/** What VS Code's own fetch says of a proxy that opened no tunnel: the status, in its words alone. */
function refusedByProxy(failure: unknown): ModelError | undefined {
  for (let inner = failure; inner instanceof Error; inner = inner.cause) {
    const [, status] = /^Proxy response \((\d{3})\)/u.exec(inner.message) ?? [];
    if ((inner as NodeJS.ErrnoException).code !== 'UND_ERR_ABORTED' || status === undefined) continue;
    const isBusy = status === '429' || status.startsWith('5');
    const text =
      status === '407'
        ? 'The proxy wants a name and a password (407). Give them in http.proxy, as in http://name:password@host:port.'
        : `The proxy opens no way to the server (${status}). Check http.proxy, HTTPS_PROXY and http.noProxy.`;
    return new ModelError(text, { code: 'offline', ...(isBusy ? { retryAfterMs: 0 } : {}), cause: failure });
  }
  return undefined;
}

/** What OpenSSL and Node call certificates and handshakes that they do not accept: no further try helps. */
const UNTRUSTED = /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA)/u;

function isUntrusted(failure: unknown): boolean {
  for (let inner = failure; inner instanceof Error; inner = inner.cause) {
    const { code } = inner as NodeJS.ErrnoException;
    if (code !== undefined && UNTRUSTED.test(code)) return true;
  }
  return false;
}
