import * as z from 'zod';
import { firstLine, innermostReason, retryAfterMs } from '../../text/http-failure';
import { SearchFailed, type SearchResult } from './provider';

export const MAX_ANSWER_BYTES = 2_000_000;
export const TIMEOUT_MS = 15_000;

/** What is said of a service when it fails. */
export interface Service {
  name: string;
  /** Whose key was not taken: where it comes from. */
  keySource?: string;
  /** What else the statuses of this service mean, as a whole sentence. */
  statuses?: Readonly<Record<number, string>>;
  timeoutMs?: number;
}

/** Runs `send` within the service's time and gives its JSON. Throws SearchFailed, and the signal's reason on abort. */
export async function requestJson(
  service: Service,
  send: (signal: AbortSignal) => Promise<Response>,
  signal: AbortSignal,
): Promise<unknown> {
  const { name, timeoutMs = TIMEOUT_MS } = service;
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await send(AbortSignal.any([signal, limit]));
    const body = await readBody(service, response);
    if (!response.ok) throw new SearchFailed(failureOf(service, response, body));
    return parseJson(service, response, body);
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) throw new SearchFailed(`${name} did not answer within ${timeoutMs / 1_000} s. Try again later.`);
    if (error instanceof SearchFailed) throw error;
    throw new SearchFailed(
      `${name} could not be reached: ${innermostReason(error)}. Check the network and proxy settings.`,
    );
  }
}

/** Counts what comes out of the decompression: a small answer may hold a large one. */
async function readBody({ name }: Service, response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES)
      throw new SearchFailed(`${name} answered with more than ${MAX_ANSWER_BYTES / 1_000_000} MB: not read.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson({ name }: Service, response: Response, body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    const type = response.headers.get('content-type')?.split(';')[0] ?? 'no type';
    const what = /^\s*</u.test(body) ? 'a web page' : `${type}, ${body.length} characters,`;
    throw new SearchFailed(
      `${name} answered with ${what} instead of JSON. Check that its address is the one of its API.`,
    );
  }
}

function failureOf({ name, keySource, statuses }: Service, { status, headers }: Response, body: string): string {
  const known = statuses?.[status];
  if (known !== undefined) return `${name}: ${known}`;
  const said = saidIn(body);
  if (status >= 300 && status < 400)
    return `${name} sends the request on to ${headers.get('location') ?? 'elsewhere'}, which is not followed. If it is right, set that address.`;
  if (keySource !== undefined && (status === 401 || status === 403 || /SUBSCRIPTION_TOKEN_INVALID/u.test(body)))
    return `${name} does not accept the key from the ${keySource} (${status}): ${said}`;
  if (status === 429) {
    const seconds = Math.ceil(waitOf(headers) / 1_000);
    return `${name} takes no more searches now (429). Try again ${seconds > 0 ? `in ${seconds} s` : 'later'}.`;
  }
  return `${name} refused the search (${status}): ${said}`;
}

/** Brave tells by a header of its own, whose first number is the seconds until the shortest limit ends. */
function waitOf(headers: Headers): number {
  return retryAfterMs(headers.get('retry-after')) || retryAfterMs(headers.get('x-ratelimit-reset')?.split(',')[0]);
}

const saidSchema = z.union([
  z.object({ error: z.object({ detail: z.string() }) }).transform(({ error }) => error.detail),
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ detail: z.object({ error: z.string() }) }).transform(({ detail }) => detail.error),
  z.object({ detail: z.string() }).transform(({ detail }) => detail),
]);

function saidIn(body: string): string {
  try {
    return firstLine(saidSchema.parse(JSON.parse(body)));
  } catch {
    return firstLine(body) || 'it does not say why';
  }
}

/** The items of a list that fit; the others are left out, since one odd result must not cost all others. */
export function listOf<Item>(item: z.ZodType<Item>): z.ZodType<Item[]> {
  return z.array(z.unknown()).transform((all) =>
    all.flatMap((one) => {
      const { data } = item.safeParse(one);
      return data === undefined ? [] : [data];
    }),
  );
}

/** The answer as `schema` reads it. Throws SearchFailed for one of another form. */
export function readAnswer<Answer>({ name }: Service, schema: z.ZodType<Answer>, answer: unknown): Answer {
  const { data } = schema.safeParse(answer);
  if (data === undefined)
    throw new SearchFailed(
      `${name} answered in a form that is not known. Check that its address is the one of its API.`,
    );
  return data;
}

/** One result in the form that most services have: the snippet under a name of their own. */
export function resultSchema<Name extends string>(snippet: Name): z.ZodType<SearchResult> {
  return z
    .object({ title: z.string(), url: z.string() })
    .loose()
    .transform((one) => {
      const text = (one as Record<string, unknown>)[snippet];
      return { title: one.title, url: one.url, snippet: typeof text === 'string' ? text : '' };
    });
}
