import * as vscode from 'vscode';
import { ModelError } from '../agent/model';
import type { Keys } from './keys';
import { conversationOf, toolsOf } from './lm-messages';
import type { Log } from './log';
import type { ListedModel, ModelList } from './model-list';
import { AUTO, DEMO, VENDOR, type Models } from './model-choice';
import { signalOf } from './signal';

/** What an estimate of tokens divides by: for English and code a token holds about this many characters. */
const CHARACTERS_A_TOKEN = 4;
const TOKENS_AN_IMAGE = 1_600;
const UNKNOWN_SIZE = { contextWindow: 200_000, maxOutput: 32_000 };

export interface ModelListing {
  keys: Keys;
  models: Models;
  log: Log;
  /** The model the droid names, for the name of the automatic entry. */
  autoModel: () => Promise<string>;
  list: ModelList;
}

/** Puts our models into the picker, so that chat works without any other vendor; whoever calls them is really answered. */
export function registerModels(context: vscode.ExtensionContext, listing: ModelListing): void {
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.LanguageModelChatProvider = {
    onDidChangeLanguageModelChatInformation: changed.event,
    provideLanguageModelChatInformation: () => informationOf(listing),
    provideLanguageModelChatResponse: (model, messages, options, progress, token) =>
      respond(listing, { model, messages, options, progress, token }),
    provideTokenCount: (_model, text) => Promise.resolve(countTokens(text)),
  };
  context.subscriptions.push(
    changed,
    vscode.lm.registerLanguageModelChatProvider(VENDOR, provider),
    listing.keys.onDidChange(() => changed.fire()),
    listing.list.onDidChange(() => changed.fire()),
  );
  // Models are resolved when someone asks for them: without this the first message of a fresh window finds none.
  vscode.lm
    .selectChatModels({ vendor: VENDOR })
    .then(undefined, (error: unknown) => listing.log.warn(`No models: ${String(error)}`));
}

async function informationOf({ keys, autoModel, list }: ModelListing): Promise<vscode.LanguageModelChatInformation[]> {
  if (!(await keys.credential())) {
    const tooltip = vscode.l10n.t(
      'Plays recorded answers in a fresh copy of an example repository; every tool really runs.',
    );
    return [entry(DEMO, vscode.l10n.t('Demo (scripted)'), UNKNOWN_SIZE, tooltip)];
  }
  const models = list.list();
  const auto = await autoModel();
  const size = models.find(({ id }) => id === auto) ?? UNKNOWN_SIZE;
  // In a fresh window the default is the first by display name: this one sorts first.
  const name = vscode.l10n.t('Auto (as the droid says: {0})', auto);
  return [entry(AUTO, name, size), ...models.map((model) => entry(model.id, model.id, model))];
}

function entry(
  id: string,
  name: string,
  size: Omit<ListedModel, 'id'>,
  tooltip?: string,
): vscode.LanguageModelChatInformation {
  return {
    id,
    name,
    family: id === AUTO || id === DEMO ? VENDOR : id,
    version: '1',
    detail: 'ML Engineer',
    maxInputTokens: size.contextWindow - size.maxOutput,
    maxOutputTokens: size.maxOutput,
    capabilities: { imageInput: true, toolCalling: true },
    ...(tooltip === undefined ? {} : { tooltip }),
  };
}

interface Call {
  model: vscode.LanguageModelChatInformation;
  messages: readonly vscode.LanguageModelChatRequestMessage[];
  options: vscode.ProvideLanguageModelChatResponseOptions;
  progress: vscode.Progress<vscode.LanguageModelResponsePart>;
  token: vscode.CancellationToken;
}

async function respond(
  { models, autoModel }: ModelListing,
  { model: { id }, messages, options, progress, token }: Call,
): Promise<void> {
  if (id === DEMO) {
    const text = vscode.l10n.t(
      'This is the demo: it plays only for @ml-engineer in the example that "ML Engineer: Open the Demo" opens. Run "ML Engineer: Set API Key" to have your own work done.',
    );
    progress.report(new vscode.LanguageModelTextPart(text));
    return;
  }
  const { signal, dispose } = signalOf(token);
  try {
    const model = await models.create(id === AUTO ? await autoModel() : id);
    const request = { ...conversationOf(messages), tools: toolsOf(options.tools) };
    for await (const event of model.stream(request, signal)) {
      if (event.type === 'text-delta') progress.report(new vscode.LanguageModelTextPart(event.text));
      if (event.type === 'block-end' && event.block.type === 'tool_use') {
        progress.report(
          new vscode.LanguageModelToolCallPart(event.block.id, event.block.name, event.block.input as object),
        );
      }
    }
  } catch (error) {
    if (signal.aborted) throw new vscode.CancellationError();
    throw lmError(error);
  } finally {
    dispose();
  }
}

function lmError(error: unknown): unknown {
  if (!(error instanceof ModelError)) return error;
  switch (error.code) {
    case 'no-key':
    case 'bad-key':
      return vscode.LanguageModelError.NoPermissions(error.message);
    case 'model-gone':
      return vscode.LanguageModelError.NotFound(error.message);
    case 'refused':
      return vscode.LanguageModelError.Blocked(error.message);
    default:
      return error;
  }
}

/** A guess on the safe side: callers use it to cut their prompts. */
export function countTokens(text: string | vscode.LanguageModelChatRequestMessage): number {
  if (typeof text === 'string') return Math.ceil(text.length / CHARACTERS_A_TOKEN);
  return text.content.reduce<number>((sum, part) => sum + tokensOf(part), 4);
}

function tokensOf(part: unknown): number {
  if (part instanceof vscode.LanguageModelTextPart) return Math.ceil(part.value.length / CHARACTERS_A_TOKEN);
  if (part instanceof vscode.LanguageModelDataPart && part.mimeType.startsWith('image/')) return TOKENS_AN_IMAGE;
  return Math.ceil((JSON.stringify(part) ?? '').length / CHARACTERS_A_TOKEN);
}
