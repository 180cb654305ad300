/** One field of a message: its number and what it holds, by its form on the wire. */
export type Field =
  | { number: number; form: 'varint'; value: bigint }
  | { number: number; form: 'fixed'; bytes: Uint8Array }
  | { number: number; form: 'bytes'; bytes: Uint8Array };

const MAX_FIELDS = 100_000;

/** The fields of a message in order; what is torn or unknown ends it. */
export function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n && at < bytes.length; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return undefined;
  };
  const taken = (length: number): Uint8Array | undefined => {
    if (!(length <= bytes.length - at)) return undefined;
    at += length;
    return bytes.subarray(at - length, at);
  };
  for (let count = 0; at < bytes.length && count < MAX_FIELDS; count++) {
    const key = varint();
    if (key === undefined) return;
    const number = Number(key >> 3n);
    const wire = Number(key & 7n);
    if (wire === 0) {
      const value = varint();
      if (value === undefined) return;
      yield { number, form: 'varint', value };
      continue;
    }
    const length = wire === 1 ? 8 : wire === 5 ? 4 : wire === 2 ? Number(varint() ?? -1n) : -1;
    const found = length < 0 ? undefined : taken(length);
    if (!found) return;
    yield { number, form: wire === 2 ? 'bytes' : 'fixed', bytes: found };
  }
}

export function floatOf(bytes: Uint8Array): number {
  const value = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getFloat32(0, true);
  // It holds seven digits; what a double makes of them behind those is nobody's.
  return Number.isFinite(value) ? Number(value.toPrecision(7)) : value;
}

export function doubleOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getFloat64(0, true);
}

export function signedOf(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}
