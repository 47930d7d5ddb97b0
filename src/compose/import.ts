import type { LedgerImport } from '../app/import-ledger/import-ledger.ts';
import type { ImportReport } from '../app/import-ledger/import-report.ts';
import type { Engine } from './engine.ts';

/**
 * Imports the file of an original ledger into an engine that is opened, and closed, while the file is read: one that is no such
 * ledger makes no database.
 * @throws OriginalLedgerError, ClockDoubtfulError, StorageBusyError, StorageUnavailableError, and what opening does
 */
export async function importFile(
  open: () => Promise<Engine>,
  { file, ...what }: Omit<LedgerImport, 'ledger'> & { readonly file: string },
): Promise<ImportReport> {
  const [{ importLedger }, { openOriginalLedger }] = await Promise.all([
    import('../app/import-ledger/import-ledger.ts'),
    import('../adapters/original-ledger/open-original-ledger.ts'),
  ]);
  return openOriginalLedger(file).read(async (snapshot) => {
    const engine = await open();
    try {
      return await importLedger(engine.app, { ...what, ledger: { read: (work) => work(snapshot) } });
    } finally {
      await engine.close();
    }
  });
}
