import type { Clock } from '../../app/ports.ts';

/** The clock of this machine. */
export const systemClock: Clock = { now: () => Date.now() };
