import { describe, expect, it } from 'vitest';
import { openLedgerArchive } from '../../../src/adapters/sqlite/ledger-archive.ts';
import { verifyLedger } from '../../../src/app/proof/verify-ledger.ts';
import { exportLedger, type ExportedEntry } from '../../../src/app/proof/export-ledger.ts';
import { entryHash, GENESIS } from '../../../src/governance/ledger/chain.ts';
import { canonicalText } from '../../../src/governance/ledger/digest.ts';
import { givenRichLedger } from './rich-ledger.ts';

describe('an export', () => {
  it('holds every entry as its hash covers it, so that anybody can verify the chain', async () => {
    const { file } = await givenRichLedger();
    const lines = await all(exportLedger(openLedgerArchive(file), null));
    let last = GENESIS;
    for (const { payload, previousHash, hash, cursor: _, ...rest } of JSON.parse(
      JSON.stringify(lines),
    ) as typeof lines) {
      const own = entryHash(last, { ...rest, payloadText: canonicalText(payload) } as Parameters<
        typeof entryHash
      >[1]);
      expect([previousHash, hash]).toEqual([last, own]);
      last = hash;
    }
    expect(last).toBe((await verifyLedger(openLedgerArchive(file))).head.hash);
  });

  it('goes on after a cursor, and is refused after one of another ledger', async () => {
    const [{ file }, other] = [await givenRichLedger(), await givenRichLedger()];
    const lines = await all(exportLedger(openLedgerArchive(file), null));
    const [middle = '', end = ''] = [lines[20]?.cursor, lines.at(-1)?.cursor];
    expect(await all(exportLedger(openLedgerArchive(file), middle))).toEqual(lines.slice(21));
    expect(await all(exportLedger(openLedgerArchive(file), end))).toEqual([]);
    for (const cursor of ['x', middle])
      await expect(exportLedger(openLedgerArchive(other.file), cursor).next()).rejects.toMatchObject({
        code: 'INVALID_CURSOR',
      });
  });
});

async function all(entries: AsyncIterable<ExportedEntry>): Promise<readonly ExportedEntry[]> {
  const found: ExportedEntry[] = [];
  for await (const entry of entries) found.push(entry);
  return found;
}
