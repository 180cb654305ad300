import { parentPort, workerData } from 'node:worker_threads';
import { convertIndexedToRgb, decode, encode, type DecodedPng } from 'fast-png';

/** What is larger would take more memory than an extension host should. */
const MAX_PIXELS = 64e6;

/** A PNG with no side longer than `most` pixels, each pixel the mean of those it stands for. Throws for what is no PNG. */
export function scalePng(bytes: Uint8Array, most: number): Uint8Array {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [header.readUInt32BE(16), header.readUInt32BE(20)];
  if (width * height > MAX_PIXELS) throw new RangeError(`${width} x ${height} pixels, over ${MAX_PIXELS}`);
  const image = eightBit(decode(bytes));
  const scale = Math.min(1, most / Math.max(width, height));
  return encode(shrunk(image, Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))));
}

interface Pixels {
  width: number;
  height: number;
  channels: number;
  data: Uint8Array;
}

/** Colour tables written out, and 16-bit samples as bytes. */
function eightBit(image: DecodedPng): Pixels {
  const { width, height, channels, depth, data, palette } = image;
  if (palette) return { width, height, channels: palette[0]?.length ?? 3, data: convertIndexedToRgb(image) };
  if (depth === 16) return { width, height, channels, data: Uint8Array.from(data, (sample) => sample >>> 8) };
  if (depth === 8) return { width, height, channels, data: new Uint8Array(data) };
  throw new RangeError(`${depth} bits a sample`);
}

function shrunk(image: Pixels, width: number, height: number): Pixels {
  const { channels } = image;
  const data = new Uint8Array(width * height * channels);
  const edge = (at: number, length: number, whole: number): number => Math.floor((at * whole) / length);
  for (let y = 0; y < height; y++) {
    const [top, bottom] = [edge(y, height, image.height), edge(y + 1, height, image.height)];
    for (let x = 0; x < width; x++) {
      const [left, right] = [edge(x, width, image.width), edge(x + 1, width, image.width)];
      const count = (bottom - top) * (right - left);
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let row = top; row < bottom; row++)
          for (let column = left; column < right; column++)
            sum += image.data[(row * image.width + column) * channels + channel] ?? 0;
        data[(y * width + x) * channels + channel] = Math.round(sum / count);
      }
    }
  }
  return { width, height, channels, data };
}

const task = workerData as { png: Uint8Array; most: number } | null;
if (parentPort && task?.png) parentPort.postMessage(scalePng(task.png, task.most));
