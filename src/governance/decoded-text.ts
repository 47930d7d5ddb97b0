/** Bytes that are no UTF-8 text. The message continues a sentence that names the file. */
export class NotTextError extends Error {
  override readonly name = 'NotTextError';
}

const NOT_UTF_8 = 'is not UTF-8 text';
const LINE_END = 0x0a;

/**
 * The text that a file of UTF-8 holds, without the byte order mark that some editors put before it.
 * @throws NotTextError that names UTF-16, or the line of the first byte that is no UTF-8
 */
export function decodedText(bytes: Uint8Array): string {
  const other = otherEncoding(bytes);
  if (other !== null) throw new NotTextError(`is ${other}; save it as UTF-8`);
  const text = decoded(bytes);
  if (text === null) throw new NotTextError(`${NOT_UTF_8}: see line ${badLine(bytes)}`);
  return text.replace(/^\ufeff+/, '');
}

/** By its mark, or by the zero byte that every second one is of a text in Latin letters. */
function otherEncoding(bytes: Uint8Array): string | null {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? 'UTF-32' : 'UTF-16';
  if (first === 0xfe && second === 0xff) return 'UTF-16';
  if (first === 0 && second === 0) return third === 0xfe && fourth === 0xff ? 'UTF-32' : null;
  return bytes.length > 1 && (first === 0) !== (second === 0) ? 'UTF-16' : null;
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** No byte of a longer character is a line end, so lines can be looked at one by one. */
function badLine(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const found = bytes.indexOf(LINE_END, start);
    const end = found === -1 ? bytes.length : found + 1;
    if (decoded(bytes.subarray(start, end)) === null) return line;
    start = end;
  }
  return line;
}
