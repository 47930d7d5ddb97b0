import { KnownError } from '../known-error.ts';
import type { Tier } from '../tier.ts';

/** A policy for Vault can't be used; the message says where and why, the tier whose it is. */
export class VaultPolicyError extends KnownError {
  override readonly name = 'VaultPolicyError';
  readonly code = 'VAULT_POLICY';
  readonly retryable = false;

  constructor(
    message: string,
    readonly tier: Tier | null = null,
  ) {
    super(message);
  }
}
