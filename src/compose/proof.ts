import { readFileSync } from 'node:fs';
import { openLedgerArchive } from '../adapters/sqlite/ledger-archive.ts';
import { openDatabase } from '../adapters/sqlite/open-database.ts';
import { PrismaStore } from '../adapters/prisma/store.ts';
import { openSigner, openVerifier } from '../adapters/signing/ed25519.ts';
import { randomIds } from '../adapters/system/ids.ts';
import { turn } from '../adapters/system/turn.ts';
import { learnTime } from '../app/time/learn-time.ts';
import { erase, type Erased, type Erasure } from '../app/commands/erase.ts';
import { exportLedger, type ExportedEntry } from '../app/proof/export-ledger.ts';
import type { LedgerArchive } from '../app/ports/ledger-archive.ts';
import { makeCheckpoint, trustedCheckpoint } from '../app/proof/make-checkpoint.ts';
import type { App } from '../app/app.ts';
import { verifyLedger, type VerifyReport } from '../app/proof/verify-ledger.ts';
import { machineTime } from './time.ts';
import type { Config } from '../config/config.ts';
import { databaseFileOf } from '../config/database-file.ts';
import { CheckpointError, type Checkpoint, type SignedCheckpoint } from '../governance/ledger/checkpoint.ts';
import { decodedText, NotTextError } from '../governance/decoded-text.ts';
import type { Principal } from '../governance/principals/principal.ts';

/** What to hold a ledger against, and who is told how far it is. */
export interface VerifyWishes {
  /** Files: a checkpoint, and the public key of whoever signed it. */
  readonly against: { readonly checkpoint: string; readonly publicKey: string } | null;
  readonly onProgress: (progress: { readonly done: number; readonly total: number }) => void;
}

/**
 * Verifies the ledger of a configuration as it is, without a server.
 * @throws CheckpointError, SigningKeyError, MigrationError, StorageBusyError, StorageUnavailableError
 */
export async function verify(config: Config, { against, onProgress }: VerifyWishes): Promise<VerifyReport> {
  return verifyLedger(openLedgerArchive(databaseFileOf(config), { checked: true }), {
    checkpoint: against === null ? null : checkpointOf(against),
    onProgress: async (progress) => {
      onProgress(progress);
      await turn();
    },
  });
}

/**
 * Signs where the ledger of a configuration stands.
 * @throws SigningKeyError, MigrationError, StorageBusyError, StorageUnavailableError
 */
export function signCheckpoint(config: Config): Promise<SignedCheckpoint> {
  const signer = openSigner(config.signingKey);
  return makeCheckpoint(archiveOf(config), { signer, ...machineTime() });
}

/** The entries of the ledger of a configuration, after a cursor or all. */
export function exportEntries(config: Config, after: string | null): AsyncIterable<ExportedEntry> {
  return exportLedger(archiveOf(config), after);
}

/**
 * Erases a text or a person from the database of a configuration, whichever policy is in force there.
 * @throws ErasureError, MigrationError, StorageBusyError, StorageUnavailableError
 */
export async function eraseFrom(
  config: Config,
  operator: Pick<Principal, 'id' | 'kind'>,
  erasure: Erasure,
): Promise<Erased> {
  const { database } = openDatabase(databaseFileOf(config));
  const world = { ...machineTime(), ids: randomIds };
  const doorbell = { ring: () => undefined, listen: () => () => undefined };
  const meter = { command: () => undefined };
  const app: App = { store: new PrismaStore(database, world), ...world, doorbell, meter };
  try {
    await learnTime(app);
    const erased = await erase(app, operator, erasure);
    await database.emptyLog();
    return erased;
  } finally {
    await database.close();
  }
}

function archiveOf(config: Config): LedgerArchive {
  return openLedgerArchive(databaseFileOf(config));
}

function checkpointOf({ checkpoint, publicKey }: NonNullable<VerifyWishes['against']>): Checkpoint {
  let text: string;
  try {
    text = decodedText(readFileSync(checkpoint));
  } catch (cause) {
    if (cause instanceof NotTextError)
      throw new CheckpointError(`The checkpoint ${checkpoint} ${cause.message}.`, { cause });
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new CheckpointError(`The checkpoint ${checkpoint} can't be read (${code}).`, { cause });
  }
  const verifier = openVerifier(publicKey);
  try {
    return trustedCheckpoint(text, verifier);
  } catch (cause) {
    if (!(cause instanceof CheckpointError)) throw cause;
    throw new CheckpointError(`${checkpoint} can't be used. ${cause.message}`, { cause });
  }
}
