export type Encoding = 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'utf-16be' | 'latin1';

export interface Decoded {
  /** Without a byte order mark. */
  text: string;
  encoding: Encoding;
}

/** Text of a file's bytes, or `undefined` for a binary file. Whatever `encode` is given back gives the same bytes. */
export function decode(bytes: Uint8Array): Decoded | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (startsWith(buffer, [0xef, 0xbb, 0xbf])) {
    const marked = utf8(buffer.subarray(3), 'utf-8-bom');
    // Not UTF-8 after all: the mark is three characters of Latin-1 like any other.
    return marked?.encoding === 'latin1' ? utf8(buffer, 'utf-8') : marked;
  }
  if (startsWith(buffer, [0xff, 0xfe]) && buffer.length % 2 === 0)
    return { text: buffer.subarray(2).toString('utf16le'), encoding: 'utf-16le' };
  if (startsWith(buffer, [0xfe, 0xff]) && buffer.length % 2 === 0) {
    return { text: Buffer.from(buffer.subarray(2)).swap16().toString('utf16le'), encoding: 'utf-16be' };
  }
  return utf8(buffer, 'utf-8');
}

function utf8(buffer: Buffer, encoding: Encoding): Decoded | undefined {
  if (looksBinary(buffer)) return undefined;
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(buffer), encoding };
  } catch {
    // Not UTF-8 and no control bytes: Latin-1 maps every byte to one character and back.
    return { text: buffer.toString('latin1'), encoding: 'latin1' };
  }
}

/** NUL, or many control bytes, in the first 8 KB. */
function looksBinary(buffer: Buffer): boolean {
  const head = buffer.subarray(0, 8_192);
  if (head.includes(0)) return true;
  const controls = head.reduce((count, byte) => count + (byte < 32 && ![9, 10, 12, 13, 27].includes(byte) ? 1 : 0), 0);
  return controls > head.length / 20;
}

function startsWith(buffer: Buffer, bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => buffer[index] === byte);
}

/** The bytes of a text in an encoding. Throws RangeError for a character that Latin-1 does not have. */
export function encode({ text, encoding }: Decoded): Uint8Array {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(text, 'utf8');
    case 'utf-8-bom':
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text, 'utf8')]);
    case 'utf-16le':
      return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
    case 'utf-16be':
      return Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text, 'utf16le').swap16()]);
    case 'latin1': {
      const foreign = /[^\u0000-\u00ff]/u.exec(text);
      if (foreign) throw new RangeError(`the file is Latin-1, which has no "${foreign[0]}"`);
      return Buffer.from(text, 'latin1');
    }
  }
}
