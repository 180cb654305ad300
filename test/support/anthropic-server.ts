import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { MessageCreateParams } from '@anthropic-ai/sdk/resources/messages';
import { DEFAULT_MODELS, modelInfoOf, modelNamed, modelPage, type ServerModel } from './anthropic/models';
import { invalid, Refusal } from './anthropic/refusal';
import { contentEvents, endEvents, messageOf, onWire, type ScriptedTurn } from './anthropic/stream';
import { countTokens, countUsage, type PromptCache } from './anthropic/usage';
import { checkForModel, validateCount, validateRequest } from './anthropic/validate';

export { DEFAULT_MODELS, type ServerModel } from './anthropic/models';
export type { ScriptedBlock, ScriptedTurn } from './anthropic/stream';

export interface RecordedRequest {
  path: string;
  headers: Record<string, string | string[] | undefined>;
  /** As it was sent. */
  body: MessageCreateParams;
  /** Milliseconds since the epoch. */
  receivedAt: number;
}

export interface ServerOptions {
  /** Played in order, or made for each request. */
  turns: ScriptedTurn[] | ((request: MessageCreateParams, index: number) => ScriptedTurn);
  apiKey?: string;
  models?: ServerModel[];
  /** The real API lists retired models only where they are asked for. True until `fetchCatalogue` asks. */
  listsRetired?: boolean;
  onRequest?: (request: RecordedRequest) => void;
  onRefusal?: (refusal: Refusal, path: string) => void;
}

export interface AnthropicServer {
  url: string;
  /** Requests for messages that were taken. */
  requests: RecordedRequest[];
  /** The messages of what the server itself refused; errors of the script are not among them. */
  refusals: string[];
  stop(): Promise<void>;
}

const MAX_BODY_BYTES = 32_000_000;

/** A server on the loopback address that speaks the Messages API, and refuses what the real one refuses. Only its words are scripted. */
export async function startAnthropicServer({
  turns,
  apiKey = 'test-key',
  models = DEFAULT_MODELS,
  listsRetired = false,
  onRequest,
  onRefusal,
}: ServerOptions): Promise<AnthropicServer> {
  const requests: RecordedRequest[] = [];
  const refusals: string[] = [];
  const cache: PromptCache = new Set();
  let answers = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const receivedAt = Date.now();
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const raw = await readBody(request);
    checkHeaders(request, apiKey);
    const [, id] = /^\/v1\/models\/([^/]+)$/u.exec(pathname) ?? [];
    if (id !== undefined || pathname === '/v1/models') {
      checkMethod(request, 'GET');
      return sendJson(
        response,
        id === undefined ? modelPage(models, searchParams, listsRetired) : modelInfoOf(decodeURIComponent(id), models),
      );
    }
    if (pathname !== '/v1/messages' && pathname !== '/v1/messages/count_tokens')
      throw new Refusal(404, 'not_found_error', 'Not Found');
    checkMethod(request, 'POST');
    const body = parseBody(request, raw);
    if (pathname === '/v1/messages/count_tokens') {
      const prompt = validateCount(body);
      modelNamed(prompt.model, models);
      return sendJson(response, { input_tokens: countTokens(prompt) });
    }
    const prompt = validateRequest(body);
    const model = modelNamed(prompt.model, models);
    checkForModel(prompt, model);
    const tokens = countTokens(prompt);
    const window = model.max_input_tokens ?? Infinity;
    if (tokens > window) throw invalid(`prompt is too long: ${tokens} tokens > ${window} maximum`);

    const recorded = { path: pathname, headers: request.headers, body: body as MessageCreateParams, receivedAt };
    const index = requests.push(recorded) - 1;
    onRequest?.(recorded);
    const turn = typeof turns === 'function' ? turns(recorded.body, index) : turns[index];
    // Not a 5xx: clients would try again, and a test would hang where it should fail.
    if (!turn) throw invalid(`the script has no turn ${index + 1}`);
    if (turn.delayMs) await delay(turn.delayMs);
    if (turn.error && turn.error.status !== 200) return sendScriptedError(response, turn.error);
    const usage = countUsage(prompt, JSON.stringify(turn.content ?? []), cache);
    const message = messageOf(turn, index + 1, prompt.model, usage);
    if (!prompt.stream) return play(response, turn, 'application/json', [JSON.stringify(message)]);
    const failure = turn.error && errorBody(turn.error, response);
    const events = [...contentEvents(message), ...(failure ? [failure] : endEvents(message))];
    return play(response, turn, 'text/event-stream; charset=utf-8', events.map(onWire));
  };

  const server = createServer((request, response) => {
    response.setHeader('request-id', `req_${(answers += 1)}`);
    answer(request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return;
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'api_error', String(error));
      refusals.push(refusal.message);
      onRefusal?.(refusal, request.url ?? '/');
      if (response.headersSent) response.destroy();
      else sendJson(response, errorBody(refusal, response), refusal.status);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    refusals,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function checkHeaders({ headers }: IncomingMessage, apiKey: string): void {
  const key = headers['x-api-key'];
  if (key === undefined && headers.authorization !== undefined) {
    if (headers.authorization !== `Bearer ${apiKey}`)
      throw new Refusal(401, 'authentication_error', 'Invalid bearer token');
  } else {
    if (key === undefined) throw new Refusal(401, 'authentication_error', 'x-api-key header is required');
    if (key !== apiKey) throw new Refusal(401, 'authentication_error', 'invalid x-api-key');
  }
  if (headers['anthropic-version'] === undefined) throw invalid('anthropic-version: header is required');
}

function checkMethod({ method }: IncomingMessage, expected: string): void {
  if (method !== expected) throw new Refusal(405, 'invalid_request_error', 'Method Not Allowed');
}

/** Reads to the end also what is too large, or the client would see a broken connection and not the answer. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) throw new Refusal(413, 'request_too_large', 'Request exceeds the maximum size');
  return Buffer.concat(chunks);
}

function parseBody({ headers }: IncomingMessage, raw: Buffer): unknown {
  if (!headers['content-type']?.startsWith('application/json')) throw invalid('content-type: must be application/json');
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch (error) {
    throw invalid(`The request body is not valid JSON: ${(error as Error).message}`);
  }
}

/** Sends a body in pieces, as slowly and as far as the turn says. */
async function play(
  response: ServerResponse,
  turn: ScriptedTurn,
  contentType: string,
  pieces: readonly string[],
): Promise<void> {
  response.writeHead(200, { 'content-type': contentType }).flushHeaders();
  let left = turn.cut ?? turn.cutAfter ?? Infinity;
  const pause = turn.chunkDelayMs ?? turn.eventDelayMs;
  for (const piece of pieces) {
    if (pause) await delay(pause);
    if (response.destroyed) return;
    const bytes = Buffer.from(piece);
    // What was written must be on the wire before the connection goes.
    await new Promise<void>((resolve) => response.write(bytes.subarray(0, left), () => resolve()));
    left -= bytes.length;
    if (left <= 0) return void response.destroy();
    if (turn.hang) return;
  }
  response.end();
}

type ScriptedError = NonNullable<ScriptedTurn['error']>;

function sendScriptedError(response: ServerResponse, error: ScriptedError): void {
  for (const [name, value] of Object.entries(error.headers ?? {})) response.setHeader(name, value);
  if (error.body === undefined) sendJson(response, errorBody(error, response), error.status);
  else response.writeHead(error.status, { 'content-type': 'text/html' }).end(error.body);
}

interface ErrorBody {
  type: 'error';
  error: { type: string; message: string };
  request_id: unknown;
}

function errorBody({ type, message }: ErrorBody['error'], response: ServerResponse): ErrorBody {
  return { type: 'error', error: { type, message }, request_id: response.getHeader('request-id') };
}

function sendJson(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
