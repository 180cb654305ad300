import { hashOfFile } from '../host/file-hash';

/** What a tool wrote came out of a model, so it is small. */
const MAX_WRITTEN_BYTES = 16e6;

/** Whether a file holds what a session's tools wrote there, by these hashes. One that cannot be read is not known to. */
export async function isWritten(
  { path, size }: { path: string; size: number },
  hashes: ReadonlySet<string> | undefined,
): Promise<boolean> {
  if (!hashes || size > MAX_WRITTEN_BYTES) return false;
  const hash = await hashOfFile(path).catch(() => undefined);
  return hash !== undefined && hashes.has(hash);
}
