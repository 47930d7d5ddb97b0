/** Signs texts with a private key. */
export interface Signer {
  /** SHA-256 of the public key (DER), in hex digits. */
  readonly key: string;
  /** The signature, base64. */
  sign(text: string): string;
}

/** Verifies signatures with a public key. */
export interface SignatureVerifier {
  readonly key: string;
  verifies(text: string, signature: string): boolean;
}
