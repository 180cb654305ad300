import type { CancellationToken } from 'vscode';

/** The chat's stop button, and the end of the window, as one signal. */
export function signalOf(
  token: CancellationToken,
  closing?: AbortSignal,
): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  if (token.isCancellationRequested || closing?.aborted) stop();
  closing?.addEventListener('abort', stop, { once: true });
  const listener = token.onCancellationRequested(stop);
  const dispose = (): void => {
    listener.dispose();
    closing?.removeEventListener('abort', stop);
  };
  return { signal: controller.signal, dispose };
}
