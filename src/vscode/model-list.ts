import * as vscode from 'vscode';
import * as z from 'zod';
import { createClient } from '../models/anthropic';
import { fetchCatalogue } from '../models/catalogue';
import type { Keys } from './keys';
import type { Log } from './log';

const KEY = 'mlEngineer.catalogue';
const KEPT_MS = 24 * 60 * 60 * 1000;
const TIMEOUT_MS = 20_000;
const DEFAULT_CONTEXT = 200_000;
const DEFAULT_OUTPUT = 32_000;

/** What is offered until the server's own list has come. */
const KNOWN = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5', 'claude-fable-5-2'];

export interface ListedModel {
  id: string;
  contextWindow: number;
  maxOutput: number;
}

const storedSchema = z.object({
  at: z.number(),
  baseUrl: z.string(),
  models: z.array(z.object({ id: z.string(), contextWindow: z.number(), maxOutput: z.number() })),
});

/** The models the endpoint offers: fetched in the background, kept a day, never waited for. */
export class ModelList implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  #fetching = false;

  constructor(
    private readonly state: vscode.Memento,
    private readonly keys: Keys,
    private readonly log: Log,
  ) {}

  /** What is known now; asks the server for news where that is older than a day. */
  list(): ListedModel[] {
    const stored = storedSchema.safeParse(this.state.get(KEY)).data;
    const current = stored?.baseUrl === this.keys.baseUrl ? stored : undefined;
    if (!current || Date.now() - current.at > KEPT_MS) void this.#refresh();
    if (current && current.models.length > 0) return current.models;
    return KNOWN.map((id) => ({ id, contextWindow: DEFAULT_CONTEXT, maxOutput: DEFAULT_OUTPUT }));
  }

  async #refresh(): Promise<void> {
    if (this.#fetching) return;
    this.#fetching = true;
    try {
      const credential = await this.keys.credential();
      if (!credential) return;
      const { baseUrl } = this.keys;
      const catalogue = await fetchCatalogue(await createClient(credential), AbortSignal.timeout(TIMEOUT_MS));
      const models = catalogue
        .filter(({ lifecycle }) => lifecycle !== 'retired')
        .map(({ id, maxInputTokens, maxTokens }) => ({
          id,
          contextWindow: maxInputTokens ?? DEFAULT_CONTEXT,
          maxOutput: maxTokens ?? DEFAULT_OUTPUT,
        }));
      await this.state.update(KEY, { at: Date.now(), baseUrl, models });
      this.#changed.fire();
    } catch (error) {
      this.log.info(`The list of models could not be fetched: ${String(error)}`);
    } finally {
      this.#fetching = false;
    }
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
