import { createReadStream } from 'node:fs';

/** Whether two files hold the same. Throws what the disk says, and the signal's reason. */
export async function haveSameBytes(a: string, b: string, signal: AbortSignal): Promise<boolean> {
  const other = createReadStream(b, { highWaterMark: 1_048_576, signal });
  try {
    const chunks = other[Symbol.asyncIterator]();
    let rest = Buffer.alloc(0);
    for await (const chunk of createReadStream(a, { highWaterMark: 1_048_576, signal }) as AsyncIterable<Buffer>) {
      while (rest.length < chunk.length) {
        const next = (await chunks.next()) as IteratorResult<Buffer, undefined>;
        if (next.done) return false;
        rest = Buffer.concat([rest, next.value]);
      }
      if (!rest.subarray(0, chunk.length).equals(chunk)) return false;
      rest = rest.subarray(chunk.length);
    }
    return rest.length === 0 && (await chunks.next()).done === true;
  } finally {
    other.destroy();
  }
}
