import type { Clock } from '../../app/ports/store.ts';

/** The clock of this machine. */
export const systemClock: Clock = { now: () => Date.now() };
