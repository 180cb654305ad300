import * as z from 'zod';
import { UserError } from '../agent/tool';
import { trackedOf } from './mlflow-run';
import { MAX_METRICS, MAX_PARAMS, type Tracked } from './tracked';

/** A tracking server that the user named. Nothing that a model or a repository says leads to another one. */
export interface MlflowServer {
  /** Without a name or password in it, and without a slash at its end. */
  address: string;
  /** The whole header. Never shown and never logged. */
  authorization?: string;
}

const PAGE_RUNS = 1_000;
const PAGE_EXPERIMENTS = 1_000;
const MAX_RUNS = 10_000;
const MAX_EXPERIMENTS = 5_000;
const ANSWER_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * The server of the setting, else of MLflow's own variable. A token of the environment goes to the server that the
 * environment names, or where it names none to that of the setting; over plain http only to this machine. `undefined`
 * where none is named, or a store that is no server. Throws UserError for an address that is none.
 */
export function mlflowServer(
  setting: string,
  env: Readonly<Record<string, string | undefined>>,
): MlflowServer | undefined {
  const own = env['MLFLOW_TRACKING_URI']?.trim() ?? '';
  const named = setting.trim() || (/^https?:/iu.test(own) ? own : '');
  if (named === '') return undefined;
  const url = addressOf(named);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const address = `${url.origin}${url.pathname.replace(/\/+$/u, '')}`;
  const isMeant = !/^https?:/iu.test(own) || addressOf(own).origin === url.origin;
  const basic = (name: string, word: string): string => `Basic ${Buffer.from(`${name}:${word}`).toString('base64')}`;
  const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_PASSWORD: secret } = env;
  const given = token ? `Bearer ${token}` : user && secret ? basic(user, secret) : undefined;
  const authorization =
    username !== '' ? basic(decodeURIComponent(username), decodeURIComponent(password)) : isMeant ? given : undefined;
  const isSafe = url.protocol === 'https:' || /^(?:127(?:\.\d+){3}|localhost|\[::1\])$/u.test(url.hostname);
  return { address, ...(authorization !== undefined && isSafe ? { authorization } : {}) };
}

function addressOf(named: string): URL {
  const url = URL.canParse(named) ? new URL(named) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new UserError('The address of the MLflow server is to begin with http:// or https://.');
  return url;
}

const experimentsSchema = z.object({
  experiments: z.array(z.object({ experiment_id: z.string(), name: z.string() })).default([]),
  next_page_token: z.string().optional(),
});
/** What no JSON holds comes as a word. */
const numberSchema = z.union([z.number(), z.string().transform(Number)]);
const pairSchema = z.object({ key: z.string(), value: z.string().default('') });
const runsSchema = z.object({
  runs: z
    .array(
      z.object({
        info: z.object({
          run_id: z.string(),
          run_name: z.string().default(''),
          experiment_id: z.string(),
          status: z.string().default(''),
          start_time: numberSchema.optional(),
          end_time: numberSchema.optional(),
        }),
        data: z
          .object({
            metrics: z.array(z.object({ key: z.string(), value: numberSchema.default(Number.NaN) })).default([]),
            params: z.array(pairSchema).default([]),
            tags: z.array(pairSchema).default([]),
          })
          .prefault({}),
      }),
    )
    .default([]),
  next_page_token: z.string().optional(),
});

/** The runs of a server, newest first and bounded. Throws UserError with what is wrong. */
export async function readMlflowServer(server: MlflowServer, signal: AbortSignal): Promise<Tracked[]> {
  const names = new Map<string, string>();
  for (let token: string | undefined = ''; token !== undefined && names.size < MAX_EXPERIMENTS;) {
    const asked: object = { max_results: PAGE_EXPERIMENTS, ...(token === '' ? {} : { page_token: token }) };
    const page: z.infer<typeof experimentsSchema> = understood(
      experimentsSchema,
      await ask(server, 'experiments/search', asked, signal),
    );
    for (const one of page.experiments) names.set(one.experiment_id, one.name);
    token = page.next_page_token || undefined;
  }
  const runs: Tracked[] = [];
  const query = { experiment_ids: [...names.keys()], order_by: ['attributes.start_time DESC'], max_results: PAGE_RUNS };
  if (names.size === 0) return runs;
  for (let token: string | undefined = ''; token !== undefined && runs.length < MAX_RUNS;) {
    const asked: object = { ...query, ...(token === '' ? {} : { page_token: token }) };
    const page: z.infer<typeof runsSchema> = understood(runsSchema, await ask(server, 'runs/search', asked, signal));
    runs.push(...page.runs.map((run) => trackedAt(run, names)));
    token = page.next_page_token || undefined;
  }
  return runs;
}

function understood<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.infer<Schema> {
  const read = schema.safeParse(answer);
  if (!read.success) throw new UserError('what it answered is not understood: is it an MLflow server?');
  return read.data;
}

function trackedAt(
  { info, data }: z.infer<typeof runsSchema>['runs'][number],
  names: ReadonlyMap<string, string>,
): Tracked {
  return trackedOf({
    ...{ id: info.run_id, name: info.run_name, status: info.status, began: info.start_time, ended: info.end_time },
    experiment: names.get(info.experiment_id) ?? info.experiment_id,
    source: '',
    tags: new Map(data.tags.map(({ key, value }) => [key, value])),
    metrics: data.metrics.slice(0, MAX_METRICS).map(({ key, value }) => ({ name: key, last: value })),
    params: data.params.slice(0, MAX_PARAMS).map(({ key, value }) => ({ name: key, value })),
  });
}

async function ask(server: MlflowServer, what: string, body: object, signal: AbortSignal): Promise<unknown> {
  const { address, authorization } = server;
  const timeout = AbortSignal.timeout(ANSWER_MS);
  try {
    const response = await fetch(`${address}/api/2.0/mlflow/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
      body: JSON.stringify(body),
      // Another address was named by nobody, and would get the token.
      redirect: 'error',
      signal: AbortSignal.any([signal, timeout]),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new UserError(response.status === 401 ? 'it wants a name or a token' : `it answered ${response.status}`);
    }
    return JSON.parse(await bounded(response));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UserError) throw error;
    if (timeout.aborted) throw new UserError(`it did not answer within ${ANSWER_MS / 1_000} s`);
    if (error instanceof SyntaxError) throw new UserError('what it answered is not JSON: is it an MLflow server?');
    throw new UserError('it cannot be reached');
  }
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const stream = response.body as unknown as AsyncIterable<Uint8Array> | null;
  if (stream === null) return '';
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new UserError(`it answered more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
