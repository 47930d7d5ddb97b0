import type { Tier } from '../tier.ts';

/** A policy for Vault can't be used; the message says where and why, the tier whose it is. */
export class VaultPolicyError extends Error {
  override readonly name = 'VaultPolicyError';

  constructor(
    message: string,
    readonly tier: Tier | null = null,
  ) {
    super(message);
  }
}
