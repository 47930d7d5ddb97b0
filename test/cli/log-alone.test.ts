import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { givenOriginalLedger } from '../support/given-original-ledger.ts';
import { fileOf, givenDatabase, givenTokens, tierkeeper } from './given-cli.ts';

const ledger = () => givenOriginalLedger({ agent_metrics: [{ agent_id: 'eve', current_tier: 1 }] });

it.each([
  ['serve', () => []],
  ['verify', () => []],
  ['import', () => [ledger()]],
])('a write-ahead log whose database is not there is refused by %s, and kept', async (command, args) => {
  const database = await givenDatabase();
  const log = `${fileOf(database)}-wal`;
  writeFileSync(log, 'the last commits');
  const { code, stderr } = await tierkeeper([command, ...args()], { ...database, ...givenTokens() });
  expect([code, stderr]).toEqual([2, expect.stringContaining('its write-ahead log stands there alone')]);
  expect([readFileSync(log, 'utf8'), existsSync(fileOf(database))]).toEqual(['the last commits', false]);
});
