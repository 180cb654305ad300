import type { Media } from './media';

export interface PixelSize {
  width: number;
  height: number;
}

/** Width and height in pixels from an image's header; `undefined` where that is not to be found. */
export function pixelSize(bytes: Uint8Array, media: Media): PixelSize | undefined {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return READERS[media]?.(data);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // The header ends too early.
    throw error;
  }
}

const READERS: { readonly [Kind in Media]?: (data: Buffer) => PixelSize | undefined } = {
  'image/png': (data) => ({ width: data.readUInt32BE(16), height: data.readUInt32BE(20) }),
  'image/gif': (data) => ({ width: data.readUInt16LE(6), height: data.readUInt16LE(8) }),
  'image/jpeg': jpegSize,
  'image/webp': webpSize,
};

/** The first frame header (SOF0 to SOF15, but for the tables among them); segments are hopped over. */
function jpegSize(data: Buffer): PixelSize | undefined {
  for (let at = 2; at < data.length;) {
    if (data.readUInt8(at) !== 0xff) return undefined;
    const marker = data.readUInt8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: data.readUInt16BE(at + 5), width: data.readUInt16BE(at + 7) };
    at += marker === 0xff ? 1 : 2 + data.readUInt16BE(at + 2);
  }
  return undefined;
}

/** The three forms of the container: VP8X (extended), VP8L (lossless), VP8 (lossy). */
function webpSize(data: Buffer): PixelSize | undefined {
  switch (data.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { width: 1 + data.readUIntLE(24, 3), height: 1 + data.readUIntLE(27, 3) };
    case 'VP8L': {
      const bits = data.readUInt32LE(21);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case 'VP8 ':
      return { width: data.readUInt16LE(26) & 0x3fff, height: data.readUInt16LE(28) & 0x3fff };
    default:
      return undefined;
  }
}
