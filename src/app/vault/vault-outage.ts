import { VaultError } from './vault-error.ts';

/** Whether an error says that Vault as a whole does not work, rather than that it refused one request. */
export function isVaultOutage(error: unknown): boolean {
  return error instanceof VaultError && error.kind !== 'REFUSED';
}
