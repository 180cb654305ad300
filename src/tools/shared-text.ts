import type { FileSnapshot } from '../host/host';
import { decode, encode, type Decoded } from '../text/encoding';

export interface CurrentFile {
  /** The bytes on the disk, or those an open editor's unsaved text would be saved as. */
  bytes: Uint8Array;
  /** `undefined` for a binary file. */
  decoded: Decoded | undefined;
}

/**
 * A file as the user sees it now: an open editor's unsaved text wins over the disk. Reading, editing and overwriting all
 * go by these bytes, so that "changed since it was read" and the image that undo puts back mean what the user saw.
 */
export function currentFile({ bytes, unsavedText }: FileSnapshot): CurrentFile {
  const onDisk = decode(bytes);
  if (unsavedText === undefined) return { bytes, decoded: onDisk };
  const decoded: Decoded = { text: unsavedText, encoding: onDisk?.encoding ?? 'utf-8' };
  try {
    return { bytes: encode(decoded), decoded };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // Typed into a Latin-1 file and not in Latin-1: it cannot be saved as it is, but it can be seen.
    return { bytes: Buffer.from(unsavedText), decoded };
  }
}
