import type { Clock } from '../../app/ports/world.ts';

/** The clock of this machine. */
export const systemClock: Clock = { now: () => Date.now() };
