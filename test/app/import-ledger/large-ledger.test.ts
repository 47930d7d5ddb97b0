import { expect, it } from 'vitest';
import { DAY } from '../../../src/governance/facts.ts';
import { givenOriginalLedger } from '../../support/given-original-ledger.ts';
import { givenApp } from './given-app.ts';
import { importFile, metrics, plan } from './given-import.ts';

const AGENTS = 2_000;
const ACTIONS = 100_000;
const MOST_MEGABYTES = 175;

function* actions() {
  for (let n = 0; n < ACTIONS; n += 1)
    yield plan(`agent-${String((n * 7_919) % AGENTS)}`, (n * 104_729) % (60 * DAY));
}

it(`an import of ${String(ACTIONS)} actions takes less than ${String(MOST_MEGABYTES)} MB`, async () => {
  const { app, rows } = await givenApp();
  const path = givenOriginalLedger({
    agent_metrics: Array.from({ length: AGENTS }, (_, n) => metrics(`agent-${String(n)}`, 0, 9)),
    agent_actions: actions(),
  });
  const before = process.memoryUsage.rss();
  let most = before;
  const onProgress = () => {
    most = Math.max(most, process.memoryUsage.rss());
  };
  const report = await importFile(app, path, { onProgress });
  expect(report.actions.imported).toBe(ACTIONS);
  expect(rows('SELECT count(*) AS count FROM actions')).toEqual([{ count: ACTIONS }]);
  expect((most - before) / 2 ** 20).toBeLessThan(MOST_MEGABYTES);
}, 120_000);
