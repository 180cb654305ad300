import { connectionBy } from '../models/wire';
import { openDoor } from '../models/messages-door';
import type { Web } from '../tools/index';
import { chooseSearch } from '../web/search/index';
import type { Keys } from './keys';
import { proxyEnvironment, systemCertificates } from './proxy-settings';
import type { SearchKeys } from './search-keys';
import { readSettings } from './settings';

/** The web as the settings have it, read for each call. */
export function editorWeb(keys: Keys, searchKeys: SearchKeys): Web {
  return {
    allowedHosts: () => readSettings()['web.allowedHosts'],
    connect: (url, address, signal) => connectionBy(proxyEnvironment(), url, address, signal, systemCertificates()),
    search: () => {
      const { 'web.search': service, 'web.searxngUrl': searxngUrl } = readSettings();
      return chooseSearch({
        service,
        searxngUrl,
        env: process.env,
        storedKey: (host) => searchKeys.stored(host),
        anthropic: async () => {
          const credential = await keys.credential();
          return credential && openDoor(credential);
        },
      });
    },
  };
}
