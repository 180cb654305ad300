import type { Paint } from './colours/pieces';

/** Where the second script leaves its function. */
export const PAINT = 'mlEngineerPaint';

interface Script {
  nonce: string;
  address: string;
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): {
    createScriptURL(address: string): string;
  };
}

/** What the running script says of the other one; only while it runs for the first time. */
export function secondScript(): Script | undefined {
  const script = document.currentScript as HTMLScriptElement | null;
  const address = script?.dataset['colours'];
  return address === undefined ? undefined : { address, nonce: script?.nonce ?? '' };
}

/** The page's policy takes a script with its nonce alone, and an address only from a rule; ours lets this one pass. */
export function loadScript(script: Script | undefined, loaded: (paint: Paint) => void): void {
  if (!script) return;
  const { trustedTypes } = window as unknown as { trustedTypes?: TrustedTypes };
  const rules = { createScriptURL: () => script.address };
  const element = document.createElement('script');
  element.nonce = script.nonce;
  element.src = (trustedTypes?.createPolicy('ml-engineer-colours', rules) ?? rules).createScriptURL(script.address);
  element.onload = () => {
    const paint = (window as unknown as Record<string, Paint | undefined>)[PAINT];
    if (paint) loaded(paint);
  };
  element.onerror = () => console.error(`ML Engineer: diffs stay without colours, ${script.address} did not load`);
  document.head.append(element);
}
