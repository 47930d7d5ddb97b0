import { KnownError } from '../known-error.ts';
import { z } from 'zod';
import { canonicalText } from './digest.ts';

const HASH = z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256 digest');

const body = z.strictObject({
  format: z.literal('tierkeeper-checkpoint-1'),
  /** The newest entry, 0 if there is none, and its hash, which covers everything before it. */
  seq: z.int().min(0),
  hash: HASH,
  /** When that entry was appended, and when this was signed: UTC milliseconds. */
  recordedAt: z.int(),
  at: z.int(),
  /** The digest of the policy in force. */
  policy: HASH.nullable(),
});

const signed = body.extend({
  /** SHA-256 of the signer's public key (DER), to tell which key to verify with. */
  key: HASH,
  /** Ed25519 over the RFC 8785 text of everything else, base64. */
  signature: z.base64(),
});

/** Where a ledger stood at an instant. */
export type Checkpoint = Readonly<z.infer<typeof body>>;

/** A checkpoint that whoever holds the key has signed. */
export type SignedCheckpoint = Readonly<z.infer<typeof signed>>;

/** A checkpoint can't be read, or was not signed by the key it is held against. */
export class CheckpointError extends KnownError {
  override readonly name = 'CheckpointError';
  readonly code = 'CHECKPOINT';
  readonly retryable = false;
}

/** The text that is signed. */
export function signedText(checkpoint: Checkpoint & { readonly key: string }): string {
  return canonicalText(checkpoint);
}

/**
 * The checkpoint that a text holds.
 * @throws CheckpointError
 */
export function readCheckpoint(text: string): SignedCheckpoint {
  const parsed = signed.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw noCheckpoint([...(issue?.path ?? []).map(String), issue?.message ?? ''].join(' '));
}

function noCheckpoint(why: string): CheckpointError {
  return new CheckpointError(
    `It is no checkpoint of Tierkeeper (${why}). Make one with: tierkeeper checkpoint`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw noCheckpoint('it is no JSON, or was cut off');
  }
}
