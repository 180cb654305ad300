/** The innermost cause says what is wrong: ECONNREFUSED, ENOTFOUND, a certificate. */
export function innermostReason(failure: unknown): string {
  let inner = failure;
  // Some failures of fetch have a cause without a word.
  while (inner instanceof Error && inner.cause instanceof Error && inner.cause.message !== '') inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  const { code, message } = inner as NodeJS.ErrnoException;
  return code && !message.includes(code) ? `${message} (${code})` : message;
}

/** `retry-after` in ms, given in seconds or as a date; 0 where there is none. */
export function retryAfterMs(value: string | null | undefined): number {
  if (!value) return 0;
  const seconds = Number(value);
  const ms = Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1_000;
  return Number.isFinite(ms) && ms > 0 ? ms : 0;
}

/** What an answer says in one line: an HTML error page has many and says nothing in them. */
export function firstLine(text: string): string {
  const line = /<[a-z!]/iu.test(text) ? text.replaceAll(/<[^>]*>/gu, ' ') : text;
  return line.replaceAll(/\s+/gu, ' ').trim().slice(0, 300);
}
