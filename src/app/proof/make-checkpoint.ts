import {
  CheckpointError,
  readCheckpoint,
  signedText,
  type Checkpoint,
  type SignedCheckpoint,
} from '../../governance/ledger/checkpoint.ts';
import type { LedgerArchive } from '../ports/ledger-archive.ts';
import type { App } from '../app.ts';
import type { SignatureVerifier, Signer } from '../ports/signatures.ts';

/**
 * Signs where a ledger stands, at a believed time. Kept elsewhere, it later shows whether the ledger was cut off, replaced or
 * restored.
 */
export async function makeCheckpoint(
  archive: LedgerArchive,
  { signer, clock, witness }: Pick<App, 'clock' | 'witness'> & { readonly signer: Signer },
): Promise<SignedCheckpoint> {
  const { head, clockAnchor } = await archive.read((snapshot) => Promise.resolve(snapshot));
  const { seq, hash, recordedAt, policyDigest } = head;
  witness.learn({ recordedAt, anchor: clockAnchor });
  const at = Math.max(clock.now(), recordedAt);
  const format = 'tierkeeper-checkpoint-1' as const;
  const body = { format, seq, hash, recordedAt, at, policy: policyDigest, key: signer.key };
  return { ...body, signature: signer.sign(signedText(body)) };
}

/**
 * The checkpoint that a text holds, once its signature is known to be good.
 * @throws CheckpointError
 */
export function trustedCheckpoint(text: string, verifier: SignatureVerifier): Checkpoint {
  const { signature, ...body } = readCheckpoint(text);
  if (body.key !== verifier.key)
    throw new CheckpointError(
      `The checkpoint was signed by the key ${body.key.slice(0, 16)}…, and this is ${verifier.key.slice(0, 16)}…. Give the public key that belongs to it.`,
    );
  if (!verifier.verifies(signedText(body), signature))
    throw new CheckpointError('The checkpoint was altered after it was signed: its signature does not fit.');
  const { key: _, ...checkpoint } = body;
  return checkpoint;
}
