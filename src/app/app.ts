import type { Store } from './ports/store.ts';
import type { Clock, ClockWitness, Doorbell, Ids, Meter } from './ports/world.ts';

/** The ports that every use case is given. */
export interface App {
  readonly store: Store;
  readonly clock: Clock;
  readonly witness: ClockWitness;
  readonly ids: Ids;
  readonly doorbell: Doorbell;
  readonly meter: Meter;
}
