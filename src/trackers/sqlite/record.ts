import type { Pages } from './pages';

export type Value = string | number | bigint | Buffer | null;

/** A number of 1 to 9 bytes, and how many they are; `undefined` past the end. Past 2^53 it is near, not exact. */
export function varintAt(bytes: Buffer, at: number): { value: number; bytes: number } | undefined {
  let value = 0;
  for (let used = 0; used < 9; used++) {
    const byte = bytes[at + used];
    if (byte === undefined) return undefined;
    // Nine bytes hold 64 bits with a sign.
    if (used === 8) return { value: value * 256 + byte - (value >= 2 ** 55 ? 2 ** 64 : 0), bytes: 9 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, bytes: used + 1 };
  }
  return undefined;
}

/** Bytes of the whole numbers by the type that says so. */
const WIDTHS = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

/** The values of a record, as many as `most`; those that are cut off are left out. Throws nothing. Pure. */
export function valuesOf(payload: Buffer, encoding: Pages['encoding'], most = 200): Value[] {
  const head = varintAt(payload, 0);
  if (!head || head.value > payload.length) return [];
  const values: Value[] = [];
  let body = head.value;
  for (let at = head.bytes; at < head.value && values.length < most;) {
    const type = varintAt(payload, at);
    if (!type || type.value < 0 || type.value > 0xffffffff) break;
    at += type.bytes;
    const kind = type.value;
    const width = kind < 12 ? (WIDTHS[kind] ?? 0) : (kind - 12 - (kind % 2)) / 2;
    if (body + width > payload.length) break;
    values.push(valueOf(payload.subarray(body, body + width), kind, encoding));
    body += width;
  }
  return values;
}

function valueOf(bytes: Buffer, kind: number, encoding: Pages['encoding']): Value {
  if (kind === 0 || kind === 10 || kind === 11) return null;
  if (kind === 8 || kind === 9) return kind - 8;
  if (kind === 7) return bytes.readDoubleBE(0);
  if (kind < 7) return bytes.length <= 6 ? bytes.readIntBE(0, bytes.length) : numberOf(bytes.readBigInt64BE(0));
  if (kind % 2 === 0) return Buffer.from(bytes);
  // Half a letter at its end is cut off.
  if (encoding === 'utf16be')
    return Buffer.from(bytes.subarray(0, bytes.length & ~1))
      .swap16()
      .toString('utf16le');
  return bytes.toString(encoding);
}

function numberOf(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
