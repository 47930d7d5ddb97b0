import { setImmediate } from 'node:timers/promises';

/** Resolved once everything else that is ready has had its turn. */
export async function turn(): Promise<void> {
  await setImmediate();
}
