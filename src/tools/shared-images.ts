import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { Host } from '../host/host';
import { pixelSize } from '../text/image-size';
import type { Media } from '../text/media';

/** The API refuses a request of more than 20 images when one has a longer side. */
export const MAX_IMAGE_SIDE = 2_000;
export const MAX_IMAGE_BYTES = 5_000_000;

export type ImageMedia = Exclude<Media, 'application/pdf'>;

/**
 * An image as a block that the API takes, made smaller where it is a PNG that is too large; else in words why it is not
 * shown. `scaled` tells of the block that it is not the whole image.
 */
export async function imageBlock(
  bytes: Uint8Array,
  media: ImageMedia,
  host: Pick<Host, 'scaleImage'>,
): Promise<{ block: ContentBlockParam; scaled?: string } | { problem: string }> {
  const size = pixelSize(bytes, media);
  const isLarge = size !== undefined && Math.max(size.width, size.height) > MAX_IMAGE_SIDE;
  const sides = size ? `${size.width} x ${size.height} pixels` : 'an unknown size';
  if (!isLarge && bytes.length <= MAX_IMAGE_BYTES) return { block: blockOf(bytes, media) };
  const smaller = media === 'image/png' && size ? await host.scaleImage?.(bytes, MAX_IMAGE_SIDE) : undefined;
  if (smaller && smaller.length <= MAX_IMAGE_BYTES)
    return { block: blockOf(smaller, media), scaled: `scaled down from ${sides}` };
  const limit = isLarge ? `a side of ${MAX_IMAGE_SIDE} pixels is` : `${MAX_IMAGE_BYTES} bytes are`;
  return { problem: `has ${bytes.length} bytes and ${sides}; at most ${limit} shown. Make a smaller copy to look at` };
}

function blockOf(bytes: Uint8Array, media: ImageMedia): ContentBlockParam {
  return { type: 'image', source: { type: 'base64', media_type: media, data: Buffer.from(bytes).toString('base64') } };
}
