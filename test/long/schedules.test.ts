import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLedgerArchive } from '../../src/adapters/sqlite/ledger-archive.ts';
import { verifyLedger } from '../../src/app/proof/verify-ledger.ts';
import { quickPolicy, tellSchedules } from '../app/standing/scheduled-story.ts';
import { givenEngine } from '../support/given-engine.ts';
import { memoryFolder } from '../support/memory-folder.ts';
import { counted } from './counted.ts';

const SCHEDULES = counted(5_000);

test.each([1, 2])(
  `in ${SCHEDULES} schedules of commands that meet, where %i must approve, nothing promotes wrongly and nothing happens twice`,
  { timeout: 1_200_000 },
  async (reviewers) => {
    const given = await givenEngine({
      file: join(memoryFolder(), 'tierkeeper.db'),
      policy: quickPolicy(reviewers),
      unsound: true,
    });
    const seen = await tellSchedules(given, SCHEDULES);
    const met = ['promote: DONE', 'promote: STALE_EVALUATION', 'promote: NOT_ELIGIBLE', 'deny: NO_CANDIDACY'];
    expect(Object.keys(seen)).toEqual(
      expect.arrayContaining([...met, 'revoke: NOT_LOWER', 'record: KILLED']),
    );
    const { problems } = await verifyLedger(openLedgerArchive(given.file));
    expect(problems).toEqual({ total: 0, byKind: {}, listed: [] });
  },
);
