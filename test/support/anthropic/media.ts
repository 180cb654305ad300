import { invalid } from './refusal';
import type { Block } from './schema';

const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
/** Without groups: a pattern of repeated groups overflows the stack on megabytes. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/u;

type Media = Extract<Block, { type: 'image' | 'document' }>;

/** Refuses an image or PDF whose bytes are not what it says they are; `path` names the block. */
export function checkMedia({ type, source }: Media, path: string): void {
  if (source.type !== 'base64') return;
  const at = `${path}.${type}.source.base64`;
  if (source.data === '') throw invalid(`${at}.data: ${type} cannot be empty`);
  if (source.data.length % 4 !== 0 || !BASE64.test(source.data)) throw invalid(`${at}.data: Invalid base64 data`);
  const bytes = Buffer.from(source.data, 'base64');
  if (type === 'document') {
    if (!bytes.subarray(0, 5).equals(Buffer.from('%PDF-'))) throw invalid('The PDF specified was not valid.');
    return;
  }
  if (bytes.length > MAX_IMAGE_BYTES)
    throw invalid(`${at}: image exceeds 5 MB maximum: ${bytes.length} bytes > ${MAX_IMAGE_BYTES} bytes`);
  const real = imageTypeOf(bytes);
  if (!real) throw invalid('Could not process image');
  if (real !== source.media_type) {
    throw invalid(
      `${at}: The image was specified using the ${source.media_type} media type, but the image appears to be a ${real} image`,
    );
  }
}

function imageTypeOf(bytes: Buffer): string | undefined {
  const head = bytes.toString('latin1', 0, 12);
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (/^GIF8[79]a/u.test(head)) return 'image/gif';
  if (/^RIFF[\s\S]{4}WEBP/u.test(head)) return 'image/webp';
  return undefined;
}
