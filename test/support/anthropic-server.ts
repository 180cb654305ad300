import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { blocksOf, countUsage, eventsOf, stopReasonOf, type ScriptedTurn } from './anthropic/stream';
import { invalid, Refusal, validateRequest, type MessagesRequest } from './anthropic/validate';

export type { ScriptedBlock, ScriptedTurn } from './anthropic/stream';

export interface RecordedRequest {
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: MessagesRequest;
}

export interface ServerModel {
  id: string;
  lifecycle: 'active' | 'deprecated' | 'retired';
  line: string | null;
  created_at: string;
}

export interface ServerOptions {
  /** Played in order, or made for each request. */
  turns: ScriptedTurn[] | ((request: MessagesRequest, index: number) => ScriptedTurn);
  apiKey?: string;
  models?: ServerModel[];
  onRequest?: (request: RecordedRequest) => void;
}

export interface AnthropicServer {
  url: string;
  /** Requests for messages that were taken. */
  requests: RecordedRequest[];
  /** What was refused, with the message it was answered. */
  refusals: string[];
  stop(): Promise<void>;
}

export const DEFAULT_MODELS: ServerModel[] = [
  { id: 'claude-opus-5-5', lifecycle: 'active', line: 'opus', created_at: '2026-09-01T00:00:00Z' },
  { id: 'claude-sonnet-5-5', lifecycle: 'active', line: 'sonnet', created_at: '2026-08-01T00:00:00Z' },
  { id: 'claude-haiku-5-5', lifecycle: 'active', line: 'haiku', created_at: '2026-10-01T00:00:00Z' },
  { id: 'claude-opus-4-1-20250805', lifecycle: 'retired', line: 'opus', created_at: '2025-08-05T00:00:00Z' },
];
const MAX_BODY_BYTES = 32_000_000;

/** A server on the loopback address that speaks the Messages API, and refuses what the real one refuses. Only its words are scripted. */
export async function startAnthropicServer({
  turns,
  apiKey = 'test-key',
  models = DEFAULT_MODELS,
  onRequest,
}: ServerOptions): Promise<AnthropicServer> {
  const requests: RecordedRequest[] = [];
  const refusals: string[] = [];
  const cache = new Map<string, number>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    checkHeaders(request, apiKey);
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'GET' && pathname === '/v1/models') return sendJson(response, 200, modelPage(models));
    if (request.method !== 'POST') throw new Refusal(404, 'not_found_error', 'Not found');
    const body = validateRequest(await readBody(request));
    const model = models.find(({ id }) => id === body.model);
    if (!model || model.lifecycle === 'retired') throw new Refusal(404, 'not_found_error', `model: ${body.model}`);
    if (pathname === '/v1/messages/count_tokens')
      return sendJson(response, 200, { input_tokens: countUsage(body, '', new Map()).input_tokens });
    if (pathname !== '/v1/messages') throw new Refusal(404, 'not_found_error', 'Not found');
    const recorded = { path: pathname, headers: request.headers, body };
    requests.push(recorded);
    onRequest?.(recorded);
    const turn = typeof turns === 'function' ? turns(body, requests.length - 1) : turns[requests.length - 1];
    if (!turn) throw new Refusal(500, 'api_error', `the script has no turn ${requests.length}`);
    await play(turn, body, String(requests.length), response, cache);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'api_error', String(error));
      refusals.push(refusal.message);
      if (!response.headersSent) sendError(response, refusal);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
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

function checkHeaders({ headers, method }: IncomingMessage, apiKey: string): void {
  const given = headers['x-api-key'] ?? headers.authorization?.replace(/^Bearer /u, '');
  if (given === undefined) throw new Refusal(401, 'authentication_error', 'x-api-key header is required');
  if (given !== apiKey) throw new Refusal(401, 'authentication_error', 'invalid x-api-key');
  if (headers['anthropic-version'] === undefined) throw invalid('anthropic-version: header is required');
  if (method === 'POST' && !headers['content-type']?.startsWith('application/json'))
    throw invalid('content-type: must be application/json');
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) throw new Refusal(413, 'request_too_large', 'Request exceeds the maximum size');
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw invalid('The request body is not valid JSON');
  }
}

function modelPage(models: readonly ServerModel[]): object {
  const supported = { supported: true };
  const data = models.map((model) => ({
    type: 'model',
    display_name: model.id,
    deprecated_at: null,
    max_input_tokens: 200_000,
    max_tokens: 64_000,
    capabilities: {
      thinking: { supported: true, types: { adaptive: supported, enabled: supported } },
      effort: supported,
      image_input: supported,
      pdf_input: supported,
    },
    ...model,
  }));
  return { data, has_more: false, first_id: models[0]?.id ?? null, last_id: models.at(-1)?.id ?? null };
}

async function play(
  turn: ScriptedTurn,
  body: MessagesRequest,
  id: string,
  response: ServerResponse,
  cache: Map<string, number>,
): Promise<void> {
  if (turn.delayMs) await delay(turn.delayMs);
  if (turn.error) {
    const { status, type, message, headers = {}, body: raw } = turn.error;
    if (raw !== undefined) response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(raw);
    else sendError(response, new Refusal(status, type, message), headers);
    return;
  }
  const usage = countUsage(body, JSON.stringify(turn.content ?? []), cache);
  const answer = { id, model: body.model, usage };
  if (!body.stream) {
    sendJson(response, 200, {
      id: `msg_${id}`,
      type: 'message',
      role: 'assistant',
      model: body.model,
      content: blocksOf(turn.content ?? [], id),
      stop_reason: stopReasonOf(turn),
      stop_sequence: null,
      usage,
    });
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'request-id': `req_${id}` });
  let left = turn.cutAfter ?? Infinity;
  for (const event of eventsOf(turn, answer)) {
    if (response.destroyed) return;
    const bytes = Buffer.from(event);
    response.write(bytes.subarray(0, left));
    left -= bytes.length;
    if (left <= 0) {
      // What was written must be on the wire before the connection goes.
      await delay(5);
      response.destroy();
      return;
    }
    if (turn.hang) return;
    if (turn.eventDelayMs) await delay(turn.eventDelayMs);
  }
  response.end();
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_scripted', ...headers })
    .end(JSON.stringify(body));
}

function sendError(
  response: ServerResponse,
  { status, type, message }: Refusal,
  headers: Record<string, string> = {},
): void {
  sendJson(response, status, { type: 'error', error: { type, message }, request_id: 'req_scripted' }, headers);
}
