import { maskedCrc32c } from './crc';
import type { Metric } from './metric';
import { kindOf, splitOf } from './names';
import { doubleOf, fieldsOf, floatOf, signedOf, type Field } from './protobuf';

/** A record of scalars has a few hundred bytes. One of images or a graph is passed over. */
const MAX_RECORD_BYTES = 1024 * 1024;
const HEAD_BYTES = 12;
const TAIL_BYTES = 4;

/**
 * Reads the scalars of a TensorBoard event file as it grows. A record is its length (8 bytes), the length's checksum (4),
 * the data, the data's checksum (4). One that is half written waits for its end; one whose data is damaged is passed over;
 * where a length is damaged nothing behind it can be found, and `isBroken` says so.
 */
export class EventReader {
  isBroken = false;
  /** Records whose checksum was wrong. */
  damaged = 0;
  #held: Uint8Array = new Uint8Array(0);
  /** Bytes of a record too long to be looked at that are yet to come. */
  #skip = 0;

  constructor(
    private readonly source: string,
    private readonly take: (metric: Metric) => void,
  ) {}

  read(bytes: Uint8Array): void {
    if (this.isBroken) return;
    const skipped = Math.min(this.#skip, bytes.length);
    this.#skip -= skipped;
    let rest: Uint8Array = Buffer.concat([this.#held, bytes.subarray(skipped)]);
    for (let used = this.#record(rest); used > 0; used = this.#record(rest)) {
      rest = rest.subarray(Math.min(used, rest.length));
    }
    this.#held = this.isBroken ? new Uint8Array(0) : Uint8Array.from(rest);
  }

  /** Reads the record at the start, and gives its bytes; 0 where it is not there yet. */
  #record(bytes: Uint8Array): number {
    if (bytes.length < HEAD_BYTES) return 0;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const length = Number(view.getBigUint64(0, true));
    if (view.getUint32(8, true) !== maskedCrc32c(bytes.subarray(0, 8)) || length > Number.MAX_SAFE_INTEGER - 100) {
      this.isBroken = true;
      return 0;
    }
    const whole = HEAD_BYTES + length + TAIL_BYTES;
    if (length > MAX_RECORD_BYTES) {
      this.#skip = Math.max(0, whole - bytes.length);
      return whole;
    }
    if (bytes.length < whole) return 0;
    const data = bytes.subarray(HEAD_BYTES, HEAD_BYTES + length);
    if (view.getUint32(HEAD_BYTES + length, true) !== maskedCrc32c(data)) this.damaged += 1;
    else this.#event(data);
    return whole;
  }

  /** Event: wall_time 1, step 2, summary 5. */
  #event(data: Uint8Array): void {
    let [time, step] = [0, 0];
    const summaries: Uint8Array[] = [];
    for (const field of fieldsOf(data)) {
      if (field.number === 1 && field.form === 'fixed' && field.bytes.length === 8)
        time = doubleOf(field.bytes) * 1_000;
      else if (field.number === 2 && field.form === 'varint') step = signedOf(field.value);
      else if (field.number === 5 && field.form === 'bytes') summaries.push(field.bytes);
    }
    for (const summary of summaries)
      for (const field of fieldsOf(summary)) {
        const found = field.number === 1 && field.form === 'bytes' ? scalarOf(field.bytes) : undefined;
        if (!found || isCounter(found.name)) continue;
        const split = splitOf(found.name);
        this.take({ ...found, ...(split ? { split } : {}), step, time, source: this.source });
      }
  }
}

/** Lightning logs its epoch, and many their speed, as scalars: of those there is no curve to learn from. */
function isCounter(name: string): boolean {
  const kind = kindOf(name);
  return kind === 'position' || kind === 'time';
}

/** Summary.Value: tag 1, simple_value 2, tensor 8. Only what is one number. */
function scalarOf(bytes: Uint8Array): { name: string; value: number } | undefined {
  let name = '';
  let value: number | undefined;
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1 && field.form === 'bytes') name = Buffer.from(field.bytes).toString('utf8').slice(0, 80);
    else if (field.number === 2 && field.form === 'fixed' && field.bytes.length === 4) value = floatOf(field.bytes);
    else if (field.number === 8 && field.form === 'bytes') value = tensorOf(field.bytes);
  }
  return value === undefined || name === '' ? undefined : { name, value };
}

/** Types of a tensor's content: float, double, int32, int64. */
const CONTENT: Readonly<Record<number, (view: DataView) => number>> = {
  1: (view) => view.getFloat32(0, true),
  2: (view) => view.getFloat64(0, true),
  3: (view) => view.getInt32(0, true),
  9: (view) => Number(view.getBigInt64(0, true)),
};
const CONTENT_BYTES: Readonly<Record<number, number>> = { 1: 4, 2: 8, 3: 4, 9: 8 };
/** Fields that hold values of a type of their own: float_val, double_val, int_val, int64_val. */
const VALUES: Readonly<Record<number, (field: Field) => number | undefined>> = {
  5: (field) => (field.form !== 'varint' && field.bytes.length === 4 ? floatOf(field.bytes) : undefined),
  6: (field) => (field.form !== 'varint' && field.bytes.length === 8 ? doubleOf(field.bytes) : undefined),
  7: numberIn,
  10: numberIn,
};

/** TensorProto: dtype 1, tensor_shape 2, tensor_content 4, values 5 and up. `undefined` for more than one number. */
function tensorOf(bytes: Uint8Array): number | undefined {
  let type = 0;
  let content: Uint8Array | undefined;
  let value: number | undefined;
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1 && field.form === 'varint') type = Number(field.value);
    else if (field.number === 2 && field.form === 'bytes' && !isOne(field.bytes)) return undefined;
    else if (field.number === 4 && field.form === 'bytes') content = field.bytes;
    else value ??= VALUES[field.number]?.(field);
  }
  if (value !== undefined || content === undefined || content.length !== CONTENT_BYTES[type]) return value;
  return CONTENT[type]?.(new DataView(content.buffer, content.byteOffset, content.length));
}

/** A shape without dimensions, or with those of size 1 only. */
function isOne(shape: Uint8Array): boolean {
  for (const dimension of fieldsOf(shape))
    if (dimension.number === 2 && dimension.form === 'bytes')
      for (const field of fieldsOf(dimension.bytes))
        if (field.number === 1 && field.form === 'varint' && field.value !== 1n) return false;
  return true;
}

function numberIn(field: Field): number | undefined {
  if (field.form === 'varint') return signedOf(field.value);
  // Packed: one number of a list of one.
  let at = 0;
  let value = 0n;
  for (let shift = 0n; at < field.bytes.length && shift < 70n; shift += 7n) {
    const byte = field.bytes[at++] ?? 0;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return at === field.bytes.length ? signedOf(value) : undefined;
  }
  return undefined;
}
