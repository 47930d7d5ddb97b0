import { describe, expect, it } from 'vitest';
import { givenProduction, TOKENS, type GivenProduction } from '../../support/given-production.ts';
import { rawConnection, tempDatabase } from '../../support/temp-database.ts';

async function metrics({ url }: GivenProduction): Promise<ReadonlyMap<string, number>> {
  const headers = { authorization: `Bearer ${TOKENS.auditor}` };
  const response = await fetch(new URL('/metrics', url), { headers });
  expect(response.status).toBe(200);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

async function send({ url }: GivenProduction, token: string, query: string, variables = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as { readonly data?: unknown; readonly errors?: unknown };
}

const RECORD =
  'mutation ($input: RecordRunsInput!) { recordRuns(input: $input) { __typename ... on RunsRecorded { recorded } } }';

function runs(agentId: string, many: number, violations: readonly object[] = []) {
  const at = new Date().toISOString();
  const action = { type: 'generate_plan', decision: 'EXECUTE', success: true, occurredAt: at };
  return Array.from({ length: many }, (_, n) => ({
    agentId,
    runId: `r${n}`,
    startedAt: at,
    finishedAt: at,
    actions: [action],
    violations,
  }));
}

describe('the metrics', () => {
  it('tell how the fleet, the ledger and the writer stand', async () => {
    const given = await givenProduction();
    const before = await metrics(given);
    expect(before.get('tierkeeper_oldest_candidacy_seconds')).toBe(0);
    expect(before.get('tierkeeper_agents{tier="T0",status="ELIGIBLE"}')).toBe(0);
    const input = { runs: [...runs('eve', 6), ...runs('bob', 1)] };
    await send(given, TOKENS.runner, RECORD, { input });
    const after = await metrics(given);
    expect(after.get('tierkeeper_agents{tier="T0",status="ELIGIBLE"}')).toBe(1);
    expect(after.get('tierkeeper_agents{tier="T0",status="NOT_ELIGIBLE"}')).toBe(1);
    expect([...after.keys()].filter((name) => name.startsWith('tierkeeper_agents{'))).toHaveLength(20);
    const { seq } = await given.service.engine.app.store.reader.head();
    expect(after.get('tierkeeper_ledger_seq')).toBe(seq);
    expect(after.get('tierkeeper_oldest_candidacy_seconds')).toBeGreaterThan(0);
    for (const none of ['clock_lag_seconds', 'subscribers', 'write_queue'])
      expect(after.get(`tierkeeper_${none}`), none).toBe(0);
  });

  it('count every command by what it came to, also one whose input was refused as a whole', async () => {
    const given = await givenProduction();
    const promote =
      'mutation ($id: String!) { promoteAgent(input: { agentId: $id, idempotencyKey: "k" }) { __typename } }';
    const report = `mutation { reportViolation(input: { agentId: "Eve!", violationId: "", type: "x", severity: LOW, occurredAt: "2026-01-01T00:00:00Z" }) { __typename } }`;
    await send(given, TOKENS.runner, RECORD, { input: { runs: runs('eve', 1) } });
    await send(given, TOKENS.runner, RECORD, { input: { runs: [] } });
    await send(given, TOKENS.viewer, RECORD, { input: { runs: runs('eve', 1) } });
    await send(given, TOKENS.admin, promote, { id: 'No id' });
    await send(given, TOKENS.admin, promote, { id: 'ghost' });
    await send(given, TOKENS.runner, report);
    const found = [...(await metrics(given))].filter(([name]) =>
      name.startsWith('tierkeeper_commands_total'),
    );
    expect(new Map(found)).toEqual(
      new Map(
        [
          ['RECORD_RUNS', 'DONE'],
          ['RECORD_RUNS', 'VALIDATION'],
          ['RECORD_RUNS', 'FORBIDDEN'],
          ['PROMOTE_AGENT', 'VALIDATION'],
          ['PROMOTE_AGENT', 'AGENT_NOT_FOUND'],
          ['REPORT_VIOLATION', 'VALIDATION'],
        ].map(([command = '', code = '']) => [
          `tierkeeper_commands_total{command="${command}",code="${code}"}`,
          1,
        ]),
      ),
    );
  });

  it('are still told where the database can’t be read', async () => {
    const given = await givenProduction();
    await given.service.engine.database.close();
    const found = await metrics(given);
    expect(found.get('tierkeeper_ledger_seq')).toBeNaN();
    expect([...found.keys()].filter((name) => name.startsWith('tierkeeper_agents{'))).toEqual([]);
    expect(found.get('tierkeeper_subscribers')).toBe(0);
  });
});

it('the metrics read stretches of indexes and no table', () => {
  const connection = rawConnection(tempDatabase().file);
  const details = (sql: string, ...values: readonly string[]) =>
    (connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[]).map(
      ({ detail }) => detail,
    );
  const counts = details(
    `SELECT t.value, s.value, (SELECT count(*) FROM agents WHERE tier = t.value AND status = s.value AND retired_at IS NULL)
     FROM json_each(?) t, json_each(?) s`,
    '["T0"]',
    '["ELIGIBLE"]',
  );
  expect(counts.filter((detail) => detail.includes('agents'))).toEqual([
    'SEARCH agents USING COVERING INDEX agents_tier_status_retired_at_idx (tier=? AND status=? AND retired_at=?)',
  ]);
  expect(details(`SELECT min(opened_at) FROM candidacies WHERE state = 'OPEN'`)).toEqual([
    'SEARCH candidacies USING COVERING INDEX candidacies_state_opened_at_idx (state=?)',
  ]);
});
