import { createHash } from 'node:crypto';

export type Media = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp' | 'application/pdf';

const MAGIC: readonly { media: Media; test: (head: string) => boolean }[] = [
  { media: 'image/png', test: (head) => head.startsWith('\u0089PNG\r\n') },
  { media: 'image/jpeg', test: (head) => head.startsWith('\u00ff\u00d8\u00ff') },
  { media: 'image/gif', test: (head) => head.startsWith('GIF8') },
  { media: 'image/webp', test: (head) => head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP' },
  { media: 'application/pdf', test: (head) => head.startsWith('%PDF-') },
];

/** What a model can be shown as it is, told by content, not by name. */
export function mediaKind(bytes: Uint8Array): Media | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  return MAGIC.find(({ test }) => test(head))?.media;
}

const TYPES: readonly [RegExp, string][] = [
  [/\.(?:pt|pth|ckpt)$/iu, 'PyTorch checkpoint (a pickle: it is never loaded here, since loading runs code)'],
  [/\.(?:pkl|pickle|joblib)$/iu, 'pickle (never loaded here, since loading runs code)'],
  [/\.safetensors$/iu, 'safetensors weights'],
  [/\.npz?$/iu, 'NumPy array'],
  [/\.parquet$/iu, 'Parquet table'],
  [/\.(?:h5|hdf5|keras)$/iu, 'HDF5 or Keras file'],
  [/\.onnx$/iu, 'ONNX model'],
  [/\.(?:zip|gz|tar|bz2|xz|7z)$/iu, 'archive'],
];

/** Type, size and hash of a file that is not text. */
export function describeBinary(path: string, bytes: Uint8Array): string {
  const type = TYPES.find(([pattern]) => pattern.test(path))?.[1] ?? 'binary file';
  return `${type}, ${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex')}.`;
}
