import { ModelError, type Model } from '../agent/model';
import { createAnthropicModel } from './anthropic';
import type { Effort } from './capabilities';
import type { Catalogue } from './catalogue';
import type { Credential } from './credential';
import { loadScriptedModel } from './scripted';
import type { Wire } from './wire';

/** What a model is made of: a script plays by itself, everything else needs a credential. */
export interface Wanted {
  id: string;
  credential?: Credential | undefined;
  /** Path of recorded turns to play instead of asking a model. */
  script?: string | undefined;
  effort?: Effort | undefined;
  catalogue?: Catalogue | undefined;
  wire?: Wire | undefined;
  log?: ((line: string) => void) | undefined;
}

interface Provider {
  vendor: string;
  /** The model, or `undefined` when this provider is not the one wanted. */
  create(wanted: Wanted): Promise<Model | undefined>;
}

/** The providers; the first that takes what is wanted makes the model. */
export const PROVIDERS: readonly Provider[] = [
  {
    vendor: 'demo',
    create: async ({ script }) => (script === undefined ? undefined : loadScriptedModel(script)),
  },
  {
    vendor: 'anthropic',
    create: async ({ id, credential, ...options }) =>
      credential && createAnthropicModel({ model: id, credential, ...options }),
  },
];

/** The model for what is wanted. Throws ModelError `no-key` without a credential, UserError for a script that is none. */
export async function resolveModel(wanted: Wanted): Promise<Model> {
  for (const provider of PROVIDERS) {
    const model = await provider.create(wanted);
    if (model) return model;
  }
  throw new ModelError('No API key for Anthropic. Run "ML Engineer: Set API Key".', { code: 'no-key' });
}
