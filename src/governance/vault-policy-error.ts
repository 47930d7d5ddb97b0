/** A policy for Vault can't be used; the message says where and why. */
export class VaultPolicyError extends Error {
  override readonly name = 'VaultPolicyError';
}
