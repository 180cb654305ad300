/** What comes in a script of its own once it is needed: where the page says it lies, and where it leaves its function. */
export const SECOND = {
  colours: { key: 'colours', name: 'mlEngineerPaint', without: 'diffs stay without colours' },
  curves: { key: 'curves', name: 'mlEngineerDraw', without: 'curves of jobs stay words' },
} as const;

type Second = (typeof SECOND)[keyof typeof SECOND];

interface Scripts {
  nonce: string;
  addresses: DOMStringMap;
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): {
    createScriptURL(address: string): string;
  };
}

/** What the running script says of the others; only while it runs for the first time. */
export function secondScripts(): Scripts | undefined {
  const script = document.currentScript as HTMLScriptElement | null;
  return script ? { addresses: script.dataset, nonce: script.nonce ?? '' } : undefined;
}

/** The page's policy takes a script with its nonce alone, and an address only from a rule; ours lets this one pass. */
export function loadScript<Given>(
  scripts: Scripts | undefined,
  { key, name, without }: Second,
  loaded: (given: Given) => void,
): void {
  const address = scripts?.addresses[key];
  if (!scripts || address === undefined) return;
  const { trustedTypes } = window as unknown as { trustedTypes?: TrustedTypes };
  const rules = { createScriptURL: () => address };
  const element = document.createElement('script');
  element.nonce = scripts.nonce;
  element.src = (trustedTypes?.createPolicy(`ml-engineer-${key}`, rules) ?? rules).createScriptURL(address);
  element.onload = () => {
    const given = (window as unknown as Record<string, Given | undefined>)[name];
    if (given) loaded(given);
  };
  element.onerror = () => console.error(`ML Engineer: ${without}, ${address} did not load`);
  document.head.append(element);
}
