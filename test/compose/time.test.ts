import { describe, expect, it } from 'vitest';
import { openLedgerArchive } from '../../src/adapters/sqlite/ledger-archive.ts';
import { accessClock, believedTime } from '../../src/compose/time.ts';
import { DAY, givenEngine, HandClock } from '../support/given-engine.ts';

describe('the time of this machine', () => {
  it('beside a ledger that is ahead is the ledger’s, for whatever only reads it', async () => {
    const clock = new HandClock(Date.now() + 8 * DAY);
    const { file } = await givenEngine({ clock });
    expect(await believedTime(openLedgerArchive(file))).toBeGreaterThanOrEqual(clock.instant);
  });

  it('ends tokens by the wall clock or by the believed time, whichever is later', () => {
    const now = Date.now();
    expect(accessClock(new HandClock(now + DAY)).now()).toBe(now + DAY);
    expect(accessClock(new HandClock(now - DAY)).now()).toBeGreaterThanOrEqual(now);
  });
});
