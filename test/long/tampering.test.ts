import { expect, test } from 'vitest';
import { givenRichLedger } from '../app/verify-ledger/rich-ledger.ts';
import { unfoundTamperings } from '../app/verify-ledger/tampered.ts';

test('of 1,000 tamperings with rows, entries or the end of a ledger, 1,000 are found', async () => {
  expect(await unfoundTamperings(await givenRichLedger(), 1_000)).toEqual([]);
});
