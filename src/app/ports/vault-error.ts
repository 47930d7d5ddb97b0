import { KnownError } from '../../governance/known-error.ts';

/** Why Vault did not do what it was asked. */
export type VaultErrorKind =
  | 'UNREACHABLE'
  | 'TIMED_OUT'
  | 'SEALED'
  | 'STANDBY'
  | 'RATE_LIMITED'
  | 'DENIED'
  | 'REFUSED'
  | 'NOT_VAULT'
  | 'REDIRECTED'
  | 'NAMESPACE'
  | 'MISPLACED'
  | 'OTHER_LEDGER';

/** A call of Vault that failed; its message names neither a token nor a secret id. */
export class VaultError extends KnownError {
  readonly code: `VAULT_${VaultErrorKind}`;

  constructor(
    readonly kind: VaultErrorKind,
    message: string,
    readonly retryable: boolean,
  ) {
    super(message);
    this.name = 'VaultError';
    this.code = `VAULT_${kind}`;
  }
}
