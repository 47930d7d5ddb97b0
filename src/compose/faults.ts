import { storageErrorOf } from '../app/ports/storage-errors.ts';
import { KnownError } from '../governance/known-error.ts';

/** A known error as a command ends with it. */
export interface KnownFault {
  readonly code: string;
  readonly retryable: boolean;
  readonly detail: string | null;
  /** Whether the request was understood and denied. */
  readonly denied: boolean;
}

/** The known error that an error is, or that the database caused; null for a mistake of our own. */
export function knownFault(error: unknown): KnownFault | null {
  if (isOverloaded(error)) return { code: 'OVERLOADED', retryable: true, detail: null, denied: false };
  const known = error instanceof KnownError ? error : storageErrorOf(error);
  if (known === null) return null;
  const { code, retryable, detail } = known;
  // A server tries again after both, since people may put them right while it runs; a command ends.
  const denied = code === 'VAULT_DENIED';
  const isLasting = denied || code === 'VAULT_NAMESPACE';
  return { code, retryable: retryable && !isLasting, detail, denied };
}

/** A GraphQL error, told by its shape: whether a token is valid can't be known now. */
function isOverloaded(error: unknown): boolean {
  const { extensions } = error as { readonly extensions?: { readonly code?: unknown } };
  return error instanceof Error && extensions?.code === 'OVERLOADED';
}
