import { bootClock } from './adapters/system/boot-clock.ts';
import { systemClock } from './adapters/system/clock.ts';
import { monotonicClock } from './adapters/system/monotonic-clock.ts';
import type { App } from './app/ports.ts';
import { WitnessedClock } from './app/witnessed-clock.ts';

/** The machine's clock with its witness, which has yet to learn where the ledger stands. */
export function machineTime(): Pick<App, 'clock' | 'witness'> {
  const witnessed = new WitnessedClock({ wall: systemClock, boot: bootClock, stopwatch: monotonicClock });
  return { clock: witnessed, witness: witnessed };
}
