import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openService } from '../../../src/compose/service.ts';
import { loadConfig } from '../../../src/config/config.ts';
import { holding } from '../../support/holding.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const RECORD = `mutation ($runs: [RunInput!]!) { recordRuns(input: { runs: $runs }) { __typename } }`;

/** The product on a port of its own, with a token for `runner`, until the test ends. */
async function givenService() {
  const folder = tempFolder();
  const tokens = join(folder, 'tokens.json');
  writeFileSync(tokens, JSON.stringify([{ token: 't', id: 'runner', kind: 'service', roles: ['recorder'] }]));
  const config = loadConfig({
    PORT: '0',
    DATABASE_URL: `file:${join(folder, 'tierkeeper.db')}`,
    TIERKEEPER_TOKENS_FILE: tokens,
    LOG_LEVEL: 'silent',
  });
  const service = await openService(config, { operator: { id: 'operator:test', kind: 'PERSON' } });
  onTestFinished(() => service.close());
  const { url } = await service.listen();
  const send = async (runId: string) => {
    const at = '2026-06-30T12:00:00Z';
    const run = { agentId: 'eve', runId, startedAt: at, finishedAt: at, actions: [] };
    const answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: 'Bearer t', 'content-type': 'application/json' },
      body: JSON.stringify({ query: RECORD, variables: { runs: [run] } }),
    });
    return (await answer.json()) as { data: unknown; errors?: { extensions: object; message: string }[] };
  };
  return { app: service.engine.app, send };
}

it('a command that finds 1,000 waiting is told when to try again, and can then be sent as it is', async () => {
  const { app, send } = await givenService();
  const first = holding();
  const held = app.store.write(first.work);
  await first.begun;
  const nothing = () => Promise.resolve();
  const waiting = Array.from({ length: 999 }, () => app.store.write(nothing, { grouped: true }));
  const { data, errors } = await send('again');
  expect(data).toBeNull();
  expect(errors).toHaveLength(1);
  expect(errors?.[0]).toMatchObject({
    message: 'Too many commands are waiting. Nothing was written; try again.',
    extensions: { code: 'OVERLOADED', retryable: true, retryAfterMs: 1_000 },
  });
  first.letGo();
  await Promise.all([held, ...waiting]);
  expect(await send('again')).toMatchObject({ data: { recordRuns: { __typename: 'RunsRecorded' } } });
});
