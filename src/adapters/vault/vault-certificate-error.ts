/** The certificates that VAULT_CACERT names can't be used. */
export class VaultCertificateError extends Error {
  override readonly name = 'VaultCertificateError';
}
