/** What a request is signed with. Exactly one is ever used, and where it came from is shown to the user. */
export interface Credential {
  kind: 'apiKey' | 'authToken';
  value: string;
  /** For people: `environment variable ANTHROPIC_API_KEY`. Never the value. */
  source: string;
  /** The endpoint the credential is for; the SDK's own when absent. */
  baseUrl?: string;
}

export const DEFAULT_BASE_URL = 'https://api.anthropic.com';

/** The credential of the environment, if any: ANTHROPIC_API_KEY before ANTHROPIC_AUTH_TOKEN, with ANTHROPIC_BASE_URL. */
export function environmentCredential(env: Readonly<Record<string, string | undefined>>): Credential | undefined {
  const baseUrl = env['ANTHROPIC_BASE_URL'];
  for (const [name, kind] of [
    ['ANTHROPIC_API_KEY', 'apiKey'],
    ['ANTHROPIC_AUTH_TOKEN', 'authToken'],
  ] as const) {
    const value = env[name];
    if (value) return { kind, value, source: `environment variable ${name}`, ...(baseUrl ? { baseUrl } : {}) };
  }
  return undefined;
}

/**
 * The credential for an endpoint: the stored key, which was set for it, else the environment's where that is for the
 * same host. A key never goes to another host than the one it was set for.
 */
export function findCredential({
  stored,
  baseUrl,
  env,
}: {
  stored: string | undefined;
  baseUrl: string;
  env: Readonly<Record<string, string | undefined>>;
}): Credential | undefined {
  if (stored) return { kind: 'apiKey', value: stored, source: 'Secret Storage', baseUrl };
  const found = environmentCredential(env);
  return found && originOf(found.baseUrl ?? DEFAULT_BASE_URL) === originOf(baseUrl) ? { ...found, baseUrl } : undefined;
}

/** Scheme, host and port of an endpoint: a key for https does not go out in clear. No URL equals nothing but itself. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}

/** Which model is asked for: the first that is given. A droid may name a line of models, and `inherit` is the default. */
export function modelChoice(choices: {
  flag?: string | undefined;
  environment?: string | undefined;
  setting?: string | undefined;
  droid: string;
}): string {
  const { flag, environment, setting, droid } = choices;
  return flag || environment || setting || MODELS_OF_DROIDS.get(droid) || droid;
}

export const DEFAULT_MODEL = 'claude-opus-5-5';

/** What droid files may say in place of an id. One that is retired is replaced by the newest of its line when it is asked. */
const MODELS_OF_DROIDS: ReadonlyMap<string, string> = new Map([
  ['inherit', DEFAULT_MODEL],
  ['opus', 'claude-opus-5-5'],
  ['sonnet', 'claude-sonnet-5-5'],
  ['haiku', 'claude-haiku-5-5'],
]);
