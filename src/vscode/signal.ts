import type { CancellationToken } from 'vscode';

/** The chat's stop button as a signal. */
export function signalOf(token: CancellationToken): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  if (token.isCancellationRequested) stop();
  const listener = token.onCancellationRequested(stop);
  return { signal: controller.signal, dispose: () => void listener.dispose() };
}
