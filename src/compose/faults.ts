import { BackupError } from '../app/ports/backup-error.ts';
import { VaultError } from '../app/ports/vault-error.ts';

/** By its shape: whether a token is valid can't be known now. */
function isOverloaded(error: unknown): boolean {
  const { extensions } = error as { readonly extensions?: { readonly code?: unknown } };
  return error instanceof Error && extensions?.code === 'OVERLOADED';
}

/** An error that opening, serving or importing is known to end with, and whether trying again may do. */
export interface KnownFault {
  readonly code: string;
  readonly retryable: boolean;
  /** Whether it was understood and denied. */
  readonly denied?: boolean;
}

/** Faults of what the environment names, which trying again does not mend, by the names of their errors. */
const OF_CONFIGURATION: Readonly<Record<string, string>> = {
  ListenError: 'LISTEN',
  NoTokensError: 'NO_TOKENS',
  PersistedOperationsError: 'PERSISTED_OPERATIONS',
  PolicyFileError: 'POLICY_FILE',
  PolicyMismatchError: 'POLICY_MISMATCH',
  TokensFileError: 'TOKENS_FILE',
  VaultCertificateError: 'VAULT_CACERT',
  VaultNotConfiguredError: 'VAULT_NOT_CONFIGURED',
  VaultPolicyError: 'VAULT_POLICY',
};

/** What a thrown error is known as; null for a mistake of our own. */
export async function knownFault(error: unknown): Promise<KnownFault | null> {
  const [storage, migration, original] = await Promise.all([
    import('../app/ports/storage-errors.ts'),
    import('../adapters/sqlite/migration-error.ts'),
    import('../adapters/original-ledger/original-ledger-error.ts'),
  ]);
  if (error instanceof migration.MigrationError)
    return {
      code: error.code === 'DAMAGED' ? 'DAMAGED' : 'DATABASE',
      retryable: error.code === 'LOCKED' || error.code === 'FULL',
    };
  if (error instanceof original.OriginalLedgerError)
    return { code: 'ORIGINAL_LEDGER', retryable: error.retryable };
  if (error instanceof Error && error.name === 'ClockDoubtfulError')
    return { code: 'CLOCK_DOUBTFUL', retryable: true };
  if (error instanceof BackupError) return { code: 'BACKUP', retryable: error.code === 'FAILED' };
  if (isOverloaded(error)) return { code: 'OVERLOADED', retryable: true };
  const code = error instanceof Error ? OF_CONFIGURATION[error.name] : undefined;
  if (code !== undefined) return { code, retryable: false };
  if (error instanceof VaultError) {
    const denied = error.kind === 'DENIED';
    const isLasting = denied || error.kind === 'NAMESPACE';
    return { code: `VAULT_${error.kind}`, retryable: error.retryable && !isLasting, denied };
  }
  const fault = storage.storageErrorOf(error);
  return fault === null ? proofFault(error) : { code: fault.code, retryable: fault.retryable };
}

/** The same for what verifying, signing, exporting and erasing end with. */
async function proofFault(error: unknown): Promise<KnownFault | null> {
  const [checkpoint, signing, erasing, position] = await Promise.all([
    import('../governance/ledger/checkpoint.ts'),
    import('../adapters/signing/signing-key-error.ts'),
    import('../app/commands/erase.ts'),
    import('../app/feed/position-of.ts'),
  ]);
  if (error instanceof checkpoint.CheckpointError) return { code: 'CHECKPOINT', retryable: false };
  if (error instanceof signing.SigningKeyError) return { code: 'SIGNING_KEY', retryable: false };
  if (error instanceof erasing.ErasureError) return { code: 'ERASURE', retryable: false };
  return error instanceof position.InvalidCursorError ? { code: error.code, retryable: false } : null;
}
