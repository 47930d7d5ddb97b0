/** A key can't be used; the message says which and why, and repeats nothing of it. */
export class SigningKeyError extends Error {
  override readonly name = 'SigningKeyError';
}
