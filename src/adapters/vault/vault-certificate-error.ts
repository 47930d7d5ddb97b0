import { KnownError } from '../../governance/known-error.ts';

/** The certificates that VAULT_CACERT names can't be used. */
export class VaultCertificateError extends KnownError {
  override readonly name = 'VaultCertificateError';
  readonly code = 'VAULT_CACERT';
  readonly retryable = false;
}
