import type { Clock } from '../../app/ports/world.ts';

/** Milliseconds since this process began: never put back, and no time of day. */
export const monotonicClock: Clock = { now: () => performance.now() };
