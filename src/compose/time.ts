import { bootClock } from '../adapters/system/boot-clock.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { monotonicClock } from '../adapters/system/monotonic-clock.ts';
import type { LedgerArchive } from '../app/ports/ledger-archive.ts';
import type { App } from '../app/app.ts';
import type { Clock } from '../app/ports/world.ts';
import { WitnessedClock } from '../app/time/witnessed-clock.ts';

/** The machine's clock with its witness, which has yet to learn where the ledger stands. */
export function machineTime(): Pick<App, 'clock' | 'witness'> {
  const witnessed = new WitnessedClock({ wall: systemClock, boot: bootClock, stopwatch: monotonicClock });
  return { clock: witnessed, witness: witnessed };
}

/**
 * The believed time beside a ledger that is only read: never before its head.
 * @throws MigrationError, StorageBusyError, StorageUnavailableError
 */
export async function believedTime(archive: LedgerArchive): Promise<number> {
  const { clock, witness } = machineTime();
  const { head, clockAnchor } = await archive.read((snapshot) => Promise.resolve(snapshot));
  witness.learn({ recordedAt: head.recordedAt, anchor: clockAnchor });
  return Math.max(clock.now(), head.recordedAt);
}

/** The clock by which tokens end: the wall clock or the believed time, whichever is later, so that neither prolongs one. */
export function accessClock(believed: Clock): Clock {
  return { now: () => Math.max(systemClock.now(), believed.now()) };
}
