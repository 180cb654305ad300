import { maskedCrc32c } from '../../src/metrics/crc';

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return Buffer.from([...bytes, left]);
};
const field = (number: number, wire: number, ...rest: Uint8Array[]): Buffer =>
  Buffer.concat([varint(number * 8 + wire), ...rest]);
const inner = (number: number, bytes: Uint8Array): Buffer => field(number, 2, varint(bytes.length), bytes);
const float = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
};
const double = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
};

export function frame(data: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(data.length));
  const sum = (bytes: Uint8Array): Buffer => {
    const four = Buffer.alloc(4);
    four.writeUInt32LE(maskedCrc32c(bytes));
    return four;
  };
  return Buffer.concat([head, sum(head), data, sum(data)]);
}

/** A record of TensorBoard's with one scalar, in the old form or as a tensor. */
export function scalarRecord(
  { tag, value, step, time }: { tag: string; value: number; step: number; time: number },
  form: 'simple' | 'float_val' | 'content' | 'double_val' = 'simple',
): Buffer {
  const tensors = {
    float_val: Buffer.concat([field(1, 0, varint(1)), inner(2, Buffer.alloc(0)), inner(5, float(value))]),
    double_val: Buffer.concat([field(1, 0, varint(2)), inner(6, double(value))]),
    content: Buffer.concat([field(1, 0, varint(1)), inner(4, float(value))]),
  };
  const held = form === 'simple' ? field(2, 5, float(value)) : inner(8, tensors[form]);
  const summary = inner(1, Buffer.concat([inner(1, Buffer.from(tag)), held]));
  return frame(Buffer.concat([field(1, 1, double(time / 1_000)), field(2, 0, varint(step)), inner(5, summary)]));
}

/** What such a file begins with. */
export function versionRecord(time: number): Buffer {
  return frame(Buffer.concat([field(1, 1, double(time / 1_000)), inner(3, Buffer.from('brain.Event:2'))]));
}
