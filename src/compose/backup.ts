import { rmSync, writeFileSync } from 'node:fs';
import { assertFreeDestination, copyDatabase } from '../adapters/sqlite/copy-database.ts';
import { openLedgerArchive } from '../adapters/sqlite/ledger-archive.ts';
import { MigrationError } from '../adapters/sqlite/migration-error.ts';
import { openSigner } from '../adapters/signing/ed25519.ts';
import { randomIds } from '../adapters/system/ids.ts';
import { turn } from '../adapters/system/turn.ts';
import { BackupError } from '../app/ports/backup-error.ts';
import { makeCheckpoint } from '../app/proof/make-checkpoint.ts';
import { verifyLedger, type VerifyReport } from '../app/proof/verify-ledger.ts';
import { machineTime } from './time.ts';
import type { Config } from '../config/config.ts';
import { databaseFileOf } from '../config/database-file.ts';

/** What a backup came to; `checkpoint` is the file beside it, or null without a signing key. */
export interface Backup {
  readonly out: string | null;
  readonly checkpoint: string | null;
  readonly report: VerifyReport;
}

/**
 * Copies the database of a configuration, verifies the copy, and only then gives it its name. `out` of the result is null
 * if the copy is not sound: it was discarded.
 * @throws BackupError, SigningKeyError, MigrationError, StorageBusyError, StorageUnavailableError
 */
export async function backUp(config: Config, out: string, signal: AbortSignal): Promise<Backup> {
  const source = databaseFileOf(config);
  const signer = config.signingKey === null ? null : openSigner(config.signingKey);
  await openLedgerArchive(source).read(() => Promise.resolve());
  const checkpoint = signer === null ? null : `${out}.checkpoint.json`;
  assertFreeDestination(source, out);
  if (checkpoint !== null) assertFreeDestination(source, checkpoint);
  const copy = await copyDatabase(source, out, { signal, id: randomIds.next() });
  try {
    const archive = openLedgerArchive(copy.file, { checked: true });
    const report = await verifyLedger(archive, {
      onProgress: () => unlessAborted(signal),
    }).catch((error: unknown) => {
      throw damageIn(source, error);
    });
    if (!report.sound) return { out: null, checkpoint: null, report };
    const signed = signer === null ? null : await makeCheckpoint(archive, { signer, ...machineTime() });
    await unlessAborted(signal);
    copy.publish();
    if (checkpoint !== null) writeCheckpoint(checkpoint, out, `${JSON.stringify(signed)}\n`);
    return { out, checkpoint, report };
  } finally {
    copy.discard();
  }
}

/** A copy has the damage of what it was copied from. */
function damageIn(source: string, error: unknown): unknown {
  if (!(error instanceof MigrationError) || error.code !== 'DAMAGED') return error;
  return new MigrationError('DAMAGED', source, { what: error.what ?? undefined, cause: error });
}

/** @throws BackupError */
async function unlessAborted(signal: AbortSignal): Promise<void> {
  await turn();
  if (signal.aborted) throw new BackupError('FAILED', 'The backup was stopped. Nothing was left behind.');
}

function writeCheckpoint(file: string, out: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600, flush: true });
  } catch (cause) {
    rmSync(out, { force: true });
    throw new BackupError('FAILED', `The checkpoint ${file} can't be written. Nothing was left behind.`, {
      cause,
    });
  }
}
