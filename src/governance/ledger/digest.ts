import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** The RFC 8785 text of a value: one spelling for equal data, on every machine. */
export function canonicalText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('Only JSON values have a canonical text.');
  return text;
}

/** SHA-256 of a value's RFC 8785 text, as 64 hex digits. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalText(value)).digest('hex');
}

/** `digestOf` a list whose text as a whole might be longer than a text can be. */
export function digestOfList(values: Iterable<unknown>): string {
  const hash = createHash('sha256');
  let between = '[';
  for (const value of values) {
    hash.update(between).update(canonicalText(value));
    between = ',';
  }
  return hash.update(between === '[' ? '[]' : ']').digest('hex');
}
