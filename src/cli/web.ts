import * as z from 'zod';
import { environmentCredential } from '../models/credential';
import { connectionBy, fetchOf } from '../models/wire';
import type { Web } from '../tools/index';
import { chooseSearch, DEFAULT_SEARCH, SEARCH_SERVICES } from '../web/search/index';
import type { WebSearchArgument } from './arguments';

/** What the user's settings file says of the web. */
export const webSettingsSchema = z
  .object({
    search: z.enum(SEARCH_SERVICES),
    searxngUrl: z.url({ protocol: /^https?$/u }),
    allowedHosts: z.array(z.string()),
  })
  .partial();
type WebSettings = z.infer<typeof webSettingsSchema>;

/** The web of a run: the flag before the settings file; keys from the environment alone. */
export function webOf(flag: WebSearchArgument | undefined, settings: WebSettings, env: NodeJS.ProcessEnv): Web {
  const { search = DEFAULT_SEARCH, searxngUrl = '' } = { ...settings, ...flag };
  return {
    allowedHosts: () => settings.allowedHosts ?? [],
    connect: (url, address, signal) => connectionBy(env, url, address, signal),
    search: () =>
      chooseSearch({
        service: search,
        searxngUrl,
        fetch: fetchOf({ env }),
        env,
        anthropic: async () => {
          const credential = environmentCredential(env);
          if (!credential) return undefined;
          const { openDoor } = await import('../models/messages-door');
          return openDoor(credential, { env });
        },
      }),
  };
}
