import { VaultError, type VaultErrorKind } from '../ports/vault-error.ts';

/** What goes on until people mend it, and is told in the ledger; the rest passes, or is told by the breaker. */
const FOR_PEOPLE: readonly VaultErrorKind[] = ['DENIED', 'NOT_VAULT', 'REDIRECTED', 'NAMESPACE'];

/** Whether an error says that Vault as a whole does not work, rather than that it refused one request. */
export function isVaultOutage(error: unknown): boolean {
  return error instanceof VaultError && error.retryable;
}

/** Whether an error is left to people. */
export function isForPeople(error: unknown): error is VaultError {
  return error instanceof VaultError && (!error.retryable || FOR_PEOPLE.includes(error.kind));
}
