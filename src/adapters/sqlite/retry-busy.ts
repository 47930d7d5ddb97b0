import { setTimeout as pause } from 'node:timers/promises';
import { StorageBusyError, storageErrorOf } from '../../app/ports/storage-errors.ts';

/**
 * How long a connection blocks the whole process for a lock, in milliseconds; beyond that, waiting is asynchronous. With 0
 * four processes took three times as long for the same transactions; with 20 they were no faster.
 */
export const BLOCKING_WAIT = 5;

const LONGEST_PAUSE = 60;

/**
 * Attempts something until no other connection is in its way.
 * @throws StorageBusyError after `patience` milliseconds
 */
export async function retryBusy<T>(patience: number, attempt: () => Promise<T>): Promise<T> {
  let deadline: AbortSignal | undefined;
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(storageErrorOf(error) instanceof StorageBusyError)) throw error;
      deadline ??= AbortSignal.timeout(patience);
      if (deadline.aborted) throw error;
      await pause(pauseAfter(attempts));
    }
  }
}

/** Grows with the attempts and differs among processes, so that they don't wake together. */
function pauseAfter(attempts: number): number {
  const spread = 0.5 + (process.pid % 16) / 16;
  return Math.min(2 ** attempts, LONGEST_PAUSE) * spread;
}
