import { TimeInFutureError } from '../../governance/errors.ts';

const AHEAD = 5 * 60_000;

/**
 * A time that a runner sent, as it is stored: a clock may run up to five minutes ahead, and is clamped to the receipt;
 * any age is accepted, because runners buffer.
 * @throws TimeInFutureError
 */
export function receiptTime(sent: number, now: number, path: string): number {
  if (sent > now + AHEAD) throw new TimeInFutureError(path, now);
  return Math.min(sent, now);
}
