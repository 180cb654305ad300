import { request as plain } from 'node:http';
import { request as secure } from 'node:https';

const ASK_MS = 20_000;
const MAX_BYTES = 32 * 1024 * 1024;

interface Asked {
  method: 'GET' | 'POST';
  headers: Readonly<Record<string, string>>;
  body?: string;
}

/**
 * What an address answers. Follows no redirect: a job's environment goes to the address that was set, and to no other.
 * Not by fetch: that sends `sec-fetch-mode`, by which Ray takes it for a browser and refuses what changes anything (405).
 * Throws where nothing answers within 20 s, or more than 32 MB.
 */
export function answered(url: string, { method, headers, body }: Asked): Promise<{ status: number; text: string }> {
  const send = url.startsWith('https:') ? secure : plain;
  return new Promise((resolve, reject) => {
    const request = send(url, { method, headers, signal: AbortSignal.timeout(ASK_MS) }, (response) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      response.on('data', (piece: Buffer) => {
        pieces.push(piece);
        bytes += piece.length;
        if (bytes > MAX_BYTES) request.destroy(new Error(`it answered more than ${MAX_BYTES} bytes`));
      });
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') }),
      );
    });
    request.once('error', reject);
    request.end(body);
  });
}
