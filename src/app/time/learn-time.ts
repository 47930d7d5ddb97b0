import type { App } from '../app.ts';

/**
 * Tells the witness of the wall clock where the ledger stands and what was believed last, by any process.
 * @throws StorageBusyError, StorageUnavailableError
 */
export async function learnTime({ store, witness }: Pick<App, 'store' | 'witness'>): Promise<void> {
  const [{ recordedAt }, anchor] = await Promise.all([store.reader.head(), store.reader.clockAnchor()]);
  witness.learn({ recordedAt, anchor });
}
