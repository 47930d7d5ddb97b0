import { copyFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openLedgerArchive } from '../../../src/adapters/sqlite/ledger-archive.ts';
import { verifyLedger } from '../../../src/app/proof/verify-ledger.ts';
import { rawConnection } from '../../support/temp-database.ts';
import { givenRichLedger } from './rich-ledger.ts';
import { unfoundTamperings } from './tampered.ts';

const FEW = 60;

test(
  `of ${String(FEW)} tamperings with rows, entries or the end of a ledger, each is found`,
  { timeout: 120_000 },
  async () => {
    expect(await unfoundTamperings(await givenRichLedger(), FEW)).toEqual([]);
  },
);

test('a backup that was restored is found by a checkpoint alone, also once it has gone on past that', async () => {
  const { backup, checkpoint, fork } = await givenRichLedger();
  const archive = openLedgerArchive(backup);
  expect((await verifyLedger(archive)).sound).toBe(true);
  const cut = await verifyLedger(archive, { checkpoint });
  expect(cut.problems.listed.map(({ kind }) => kind)).toEqual(['CHECKPOINT']);
  await fork(backup);
  const forked = await verifyLedger(archive, { checkpoint });
  expect(forked.entries).toBeGreaterThan(checkpoint.seq);
  expect(forked.problems.listed).toMatchObject([{ kind: 'CHECKPOINT', seq: checkpoint.seq }]);
});

test('a guard that is gone is found', async () => {
  const { file } = await givenRichLedger();
  copyFileSync(file, `${file}.copy`);
  rawConnection(`${file}.copy`).exec('DROP TRIGGER ledger_entries_no_update');
  const { problems } = await verifyLedger(openLedgerArchive(`${file}.copy`));
  expect(problems.byKind).toEqual({ GUARD: 1 });
});
