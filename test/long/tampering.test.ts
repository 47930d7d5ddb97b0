import { expect, test } from 'vitest';
import { givenRichLedger } from '../app/proof/rich-ledger.ts';
import { unfoundTamperings } from '../app/proof/tampered.ts';
import { counted } from './counted.ts';

const TAMPERINGS = counted(1_000);

test(`each of ${TAMPERINGS} tamperings with rows, entries or the end of a ledger is found`, async () => {
  expect(await unfoundTamperings(await givenRichLedger(), TAMPERINGS)).toEqual([]);
});
