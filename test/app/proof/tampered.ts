import { join } from 'node:path';
import { expect } from 'vitest';
import { openLedgerArchive } from '../../../src/adapters/sqlite/ledger-archive.ts';
import { verifyLedger } from '../../../src/app/proof/verify-ledger.ts';
import type { Checkpoint } from '../../../src/governance/ledger/checkpoint.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { tamper } from './tampering.ts';

/** Tampers with copies of a ledger, as seeds from 1 on decide, and gives what was done where nothing was found. */
export async function unfoundTamperings(
  { file, checkpoint }: { readonly file: string; readonly checkpoint: Checkpoint },
  count: number,
): Promise<readonly string[]> {
  const untouched = await verifyLedger(openLedgerArchive(file), { checkpoint });
  expect(untouched.problems.listed).toEqual([]);
  const copy = join(tempFolder(), 'tampered.db');
  const unfound: string[] = [];
  for (let seed = 1; seed <= count; seed += 1) {
    const done = tamper(file, copy, seed);
    const { sound } = await verifyLedger(openLedgerArchive(copy), { checkpoint });
    if (sound) unfound.push(done);
  }
  return unfound;
}
