import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  judgeClock,
  TOLERANCE,
  type ClockAnchor,
  type ClockReading,
} from '../../src/governance/clock-witness.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 5, 1);
const reading = (wall: number, boot: number, bootId = 'one'): ClockReading => ({ wall, boot, bootId });
const anchor: ClockAnchor = { ...reading(START, 1_000), accepted: 0 };
const began = reading(START, 1_000);
const judge = (now: ClockReading, recordedAt = START) => judgeClock(now, { anchor, recordedAt, began });

describe('a wall clock', () => {
  it('that agrees with the boot clock is believed, however long both ran or slept', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 * DAY }),
        fc.integer({ min: -TOLERANCE, max: TOLERANCE }),
        (elapsed, correction) => {
          const wall = START + elapsed + correction;
          const behind = wall < START - TOLERANCE;
          expect(judge(reading(wall, 1_000 + elapsed)).doubt === null).toBe(!behind);
        },
      ),
    );
  });

  it('that left the boot clock by more than five seconds is doubtful, and the boot clock goes on counting', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 * DAY }),
        fc.oneof(
          fc.integer({ min: TOLERANCE + 1, max: 4_000 * DAY }),
          fc.integer({ min: -4_000 * DAY, max: -TOLERANCE - 1 }),
        ),
        (elapsed, step) => {
          const { now, doubt } = judge(reading(START + elapsed + step, 1_000 + elapsed));
          expect(now).toBe(START + elapsed);
          expect(doubt).toMatchObject({ kind: 'LEFT_WITNESS', believed: START + elapsed });
        },
      ),
    );
  });

  it('is believed after a new boot, unless it stands behind the ledger or behind what was believed last', () => {
    const rebooted = (wall: number, recordedAt: number) =>
      judgeClock(reading(wall, 5_000, 'two'), { anchor, recordedAt, began: reading(wall, 5_000, 'two') });
    expect(rebooted(START + 30 * DAY, START)).toEqual({ now: START + 30 * DAY, doubt: null });
    expect(rebooted(START - DAY, START - 2 * DAY)).toMatchObject({
      now: START,
      doubt: { kind: 'BEHIND_LEDGER' },
    });
    expect(rebooted(START + 1, START + DAY)).toMatchObject({
      now: START + DAY,
      doubt: { kind: 'BEHIND_LEDGER' },
    });
  });

  it('behind a ledger that an operator accepted is gone by, though the doubt lasts until it has caught up', () => {
    const accepted = { ...anchor, accepted: START + DAY };
    const after = (elapsed: number, recordedAt = START + DAY) =>
      judgeClock(reading(START + elapsed, 1_000 + elapsed), { anchor: accepted, recordedAt, began });
    expect(after(10)).toMatchObject({
      now: START + 10,
      doubt: { kind: 'BEHIND_LEDGER', believed: START + DAY, accepted: true },
    });
    expect(after(10, START + DAY + 1).doubt).toMatchObject({ accepted: false });
    expect(after(DAY - TOLERANCE - 1).doubt).not.toBeNull();
    expect(after(DAY - TOLERANCE)).toEqual({ now: START + DAY - TOLERANCE, doubt: null });
  });

  it('that was accepted behind a ledger is gone by after a new boot too, unless it went back', () => {
    const accepted = { ...anchor, accepted: START + DAY };
    const rebooted = (wall: number) => {
      const now = reading(wall, 5_000, 'two');
      return judgeClock(now, { anchor: accepted, recordedAt: START + DAY, began: now });
    };
    expect(rebooted(START + 10)).toMatchObject({ now: START + 10, doubt: { accepted: true } });
    expect(rebooted(START - DAY)).toMatchObject({ now: START, doubt: { accepted: false } });
  });
});
