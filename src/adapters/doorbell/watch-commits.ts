import type { Doorbell } from '../../app/ports/world.ts';

const EVERY = 100;

/**
 * Rings for what other processes commit: `version` gives a number that differs once anybody has. A look that fails is
 * tried again at the next. Stops when the returned function is called.
 */
export function watchCommits(doorbell: Doorbell, version: () => number): () => void {
  let last: number | null = null;
  const look = () => {
    try {
      const now = version();
      if (last !== null && now !== last) doorbell.ring();
      last = now;
    } catch {
      last = null;
      doorbell.ring();
    }
  };
  look();
  const timer = setInterval(look, EVERY);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
