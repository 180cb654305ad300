import * as vscode from 'vscode';
import * as z from 'zod';
import { createClient } from '../models/anthropic';
import { catalogueModelSchema, fetchCatalogue, type CatalogueModel } from '../models/catalogue';
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

const storedSchema = z.object({ at: z.number(), baseUrl: z.string(), models: z.array(catalogueModelSchema) });

/** The models the endpoint offers: fetched in the background, kept a day, never waited for. */
export class ModelList implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  #fetching = false;
  #read: z.infer<typeof storedSchema> | undefined;

  constructor(
    private readonly state: vscode.Memento,
    private readonly keys: Keys,
    private readonly log: Log,
  ) {}

  /** What can be asked for now. */
  list(): ListedModel[] {
    const models = this.all().filter(({ lifecycle }) => lifecycle !== 'retired');
    if (models.length === 0)
      return KNOWN.map((id) => ({ id, contextWindow: DEFAULT_CONTEXT, maxOutput: DEFAULT_OUTPUT }));
    return models.map(({ id, maxInputTokens, maxTokens }) => ({
      id,
      contextWindow: maxInputTokens ?? DEFAULT_CONTEXT,
      maxOutput: maxTokens ?? DEFAULT_OUTPUT,
    }));
  }

  /** The server's whole list, as far as it is known; asks for news where that is older than a day. */
  all(): readonly CatalogueModel[] {
    const stored = (this.#read ??= storedSchema.safeParse(this.state.get(KEY)).data);
    const current = stored?.baseUrl === this.keys.baseUrl ? stored : undefined;
    if (!current || Date.now() - current.at > KEPT_MS) void this.#refresh();
    return current?.models ?? [];
  }

  async #refresh(): Promise<void> {
    if (this.#fetching) return;
    this.#fetching = true;
    try {
      const credential = await this.keys.credential();
      if (!credential) return;
      const { baseUrl } = this.keys;
      const models = await fetchCatalogue(await createClient(credential), AbortSignal.timeout(TIMEOUT_MS));
      this.#read = { at: Date.now(), baseUrl, models };
      // None may only mean that nobody was there to ask: the next window asks again.
      if (models.length > 0) await this.state.update(KEY, this.#read);
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
