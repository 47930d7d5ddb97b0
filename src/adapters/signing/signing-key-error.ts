import { KnownError } from '../../governance/known-error.ts';

/** A key can't be used; the message says which and why, and repeats nothing of it. */
export class SigningKeyError extends KnownError {
  override readonly name = 'SigningKeyError';
  readonly code = 'SIGNING_KEY';
  readonly retryable = false;
}
