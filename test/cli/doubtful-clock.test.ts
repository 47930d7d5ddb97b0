import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { givenKeys } from '../app/proof/rich-ledger.ts';
import { DAY } from '../../src/governance/facts.ts';
import { givenDatabase, givenFile, givenServer, givenTokens, tierkeeper } from './given-cli.ts';

const MOVED = join(import.meta.dirname, '../support/moved-clock.cjs');

const RUNS = Array.from({ length: 5 }, (_, index) => {
  const at = new Date(Date.now() - 60_000 + index).toISOString();
  const action = { type: 'generate_plan', decision: 'PLAN', success: true, occurredAt: at };
  return { agentId: 'eve', runId: `r${index}`, startedAt: at, finishedAt: at, actions: [action] };
});
const RECORD = 'mutation ($runs: [RunInput!]!) { recordRuns(input: { runs: $runs }) { __typename } }';
const REVOKE = `mutation { revokeAgent(input: { agentId: "eve", suspend: true, reason: "a test", idempotencyKey: "r" }) {
  __typename } }`;
const REINSTATE = `mutation { reinstateAgent(input: { agentId: "eve", reason: "a test", idempotencyKey: "i" }) { __typename } }`;
const PROMOTE = `mutation { promoteAgent(input: { agentId: "eve", idempotencyKey: "p" }) {
  __typename ... on NotEligibleError { code } } }`;

async function given(offset = 0) {
  const clock = givenFile('clock', String(offset));
  const tokens = givenTokens();
  const variables = {
    ...(await givenDatabase()),
    ...tokens,
    NODE_OPTIONS: `--require ${MOVED}`,
    CLOCK_FILE: clock,
  };
  const { url, server } = await givenServer(variables);
  const ask = async (token: string, query: string, given: object = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables: given }),
    });
    return (await response.json()) as { data?: Record<string, { __typename: string }>; errors?: unknown[] };
  };
  const ready = async (base = url) => {
    const response = await fetch(new URL('/readyz', base));
    const { checks } = (await response.json()) as { checks: { clock: string } };
    return { status: response.status, clock: checks.clock };
  };
  const move = async (milliseconds: number, base = url) => {
    writeFileSync(clock, String(milliseconds));
    const state = Math.abs(milliseconds) > 5_000 ? /^doubtful/ : /^ok$/;
    await vi.waitFor(async () => expect((await ready(base)).clock).toMatch(state));
  };
  await ask('t-runner', RECORD, { runs: RUNS });
  return { ask, ready, move, variables, tokens, server };
}

describe('a wall clock that the boot clock contradicts', () => {
  it('ends no cool-down: after the clock is right again the agent is as it was', async () => {
    const { ask, move, ready, variables } = await given();
    await ask('t-ada', REVOKE);
    await ask('t-ada', REINSTATE);
    await move(8 * DAY);
    expect(await ask('t-val', '{ cursor }')).not.toHaveProperty('errors');
    expect((await ready()).status).toBe(200);
    expect(await ask('t-ann', PROMOTE)).toMatchObject({
      errors: [{ extensions: { code: 'CLOCK_DOUBTFUL', retryable: true, retryAfterMs: 5_000 } }],
    });
    const cli = await tierkeeper(['promote', 'eve', '--yes', '--json'], {
      ...variables,
      TIERKEEPER_TOKEN: 't-ann',
    });
    expect([cli.code, cli.json()]).toEqual([
      3,
      expect.objectContaining({ error: expect.objectContaining({ code: 'CLOCK_DOUBTFUL' }) as unknown }),
    ]);
    await move(0);
    expect(await ask('t-ann', PROMOTE)).toMatchObject({
      data: { promoteAgent: { __typename: 'NotEligibleError' } },
    });
    expect((await tierkeeper(['verify'], variables)).code).toBe(0);
  });

  it('is believed by a running server once an operator accepts it, and the ledger says why', async () => {
    const { ask, move, ready, variables } = await given();
    await move(40 * DAY);
    const status = await tierkeeper(['clock', '--json'], variables);
    expect([status.code, status.json()]).toEqual([1, expect.objectContaining({ believed: false })]);
    expect((await tierkeeper(['clock', 'accept', '--reason', ' '], variables)).code).toBe(2);
    const accepted = await tierkeeper(['clock', 'accept', '--reason', 'the machine was wrong'], variables);
    expect([accepted.code, accepted.stderr]).toEqual([0, '']);
    await vi.waitFor(async () => expect((await ready()).clock).toBe('ok'));
    expect(
      await ask(
        't-val',
        '{ ledger(filter: { types: [CLOCK_ACCEPTED] }) { nodes { ... on ClockAcceptedEntry { reason actor { kind } } } } }',
      ),
    ).toMatchObject({
      data: { ledger: { nodes: [{ reason: 'the machine was wrong', actor: { kind: 'PERSON' } }] } },
    });
    expect((await tierkeeper(['clock'], variables)).code).toBe(0);
    expect((await tierkeeper(['verify'], variables)).code).toBe(0);
  });

  it('stamps neither a checkpoint nor an erasure', async () => {
    const { ask, move, variables } = await given();
    await ask('t-ada', REVOKE);
    await move(8 * DAY);
    const signing = { ...variables, TIERKEEPER_SIGNING_KEY: givenKeys().privatePem };
    const signed = await tierkeeper(['checkpoint'], signing);
    expect([signed.code, signed.stderr]).toEqual([0, '']);
    const { at } = JSON.parse(signed.stdout) as { at: number };
    expect(Math.abs(at - Date.now())).toBeLessThan(60_000);
    const erased = await tierkeeper(['erase', '--person', 'ada', '--yes'], variables);
    expect([erased.code, erased.stderr]).toEqual([0, '']);
    await move(0);
    const told = await ask('t-val', '{ ledger(first: 1) { nodes { __typename at } } }');
    const [entry] = (told.data?.ledger as unknown as { nodes: { __typename: string; at: string }[] }).nodes;
    expect(entry?.__typename).toBe('TextErasedEntry');
    expect(Math.abs(Date.parse(entry?.at ?? '') - Date.now())).toBeLessThan(60_000);
  });

  it('of 40 days shortens no window: a violation reported meanwhile counts for 30 days of true time', async () => {
    const { ask, move } = await given();
    await move(40 * DAY);
    const report = `mutation ($at: DateTime!) { reportViolation(input: { agentId: "eve", violationId: "v", type: "scope", severity: LOW,
      occurredAt: $at }) { __typename ... on ViolationReported { violation { countsUntil } } } }`;
    const reported = await ask('t-ann', report, { at: new Date(Date.now() - DAY).toISOString() });
    const { countsUntil } = (
      reported.data?.reportViolation as unknown as { violation: { countsUntil: string } }
    ).violation;
    expect(Math.abs(Date.parse(countsUntil) - Date.now() - 30 * DAY)).toBeLessThan(60_000);
    await move(0);
    expect(await ask('t-val', '{ agent(agentId: "eve") { evaluation { status } } }')).toMatchObject({
      data: { agent: { evaluation: { status: 'NOT_ELIGIBLE' } } },
    });
  });

  it('is still known after a restart while it is wrong, and what lowers goes on at the believed time', async () => {
    const { move, variables, server } = await given();
    await move(-8 * DAY);
    server.process.kill('SIGKILL');
    await server.ended;
    const again = await givenServer(variables);
    const post = async (token: string, query: string) => {
      const response = await fetch(again.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query }),
      });
      return (await response.json()) as unknown;
    };
    expect(await post('t-ann', PROMOTE)).toMatchObject({
      errors: [{ extensions: { code: 'CLOCK_DOUBTFUL' } }],
    });
    const before = Date.now();
    expect(await post('t-ada', REVOKE)).toMatchObject({
      data: { revokeAgent: { __typename: 'AgentRevoked' } },
    });
    const answer = (await post('t-val', '{ ledger(first: 1) { nodes { at } } }')) as {
      data: { ledger: { nodes: { at: string }[] } };
    };
    expect(Math.abs(Date.parse(answer.data.ledger.nodes[0]?.at ?? '') - before)).toBeLessThan(60_000);
  });

  it('prolongs no token: one that ends by the wall clock or by the believed time lets nobody in', async () => {
    const { move, variables, tokens, server } = await given();
    server.process.kill('SIGTERM');
    await server.ended;
    const expiresAt = new Date(Date.now() + DAY).toISOString();
    const file = tokens.TIERKEEPER_TOKENS_FILE ?? '';
    const principals = JSON.parse(readFileSync(file, 'utf8')) as object[];
    const tess = { token: 't-tess', id: 'tess', kind: 'person', roles: ['viewer'], expiresAt };
    writeFileSync(file, JSON.stringify([...principals, tess]));
    const again = await givenServer(variables);
    const status = async () =>
      (await fetch(`${again.url}?query={cursor}`, { headers: { authorization: 'Bearer t-tess' } })).status;
    expect(await status()).toBe(200);
    await move(2 * DAY, again.url);
    expect(await status()).toBe(401);
    await move(0, again.url);
    expect(await status()).toBe(200);
  });

  it('that is accepted behind a ledger that is ahead raises nothing until it has caught up', async () => {
    const { ask, variables } = await given(8 * DAY);
    await ask('t-ada', REVOKE);
    writeFileSync(variables.CLOCK_FILE, '0');
    const accept = ['clock', 'accept', '--reason', 'it was set wrong at first', '--json'];
    expect((await tierkeeper(['clock'], variables)).code).toBe(1);
    const accepted = await tierkeeper(accept, variables);
    expect([accepted.code, accepted.json()]).toEqual([
      0,
      expect.objectContaining({
        accepted: true,
        left: expect.objectContaining({ kind: 'BEHIND_LEDGER' }) as unknown,
      }),
    ]);
    const told = await tierkeeper(['clock'], variables);
    expect([told.code, told.stdout]).toEqual([1, expect.stringContaining('nothing is raised until it has')]);
    expect((await tierkeeper(accept, variables)).json()).toMatchObject({ accepted: false, seq: null });
    await vi.waitFor(async () =>
      expect(JSON.stringify(await ask('t-ada', REINSTATE))).toContain('has caught up with the ledger'),
    );
    expect(
      await ask('t-runner', RECORD, { runs: RUNS.map((run) => ({ ...run, runId: 'later' })) }),
    ).toHaveProperty('data.recordRuns');
    expect((await tierkeeper(['verify'], variables)).code).toBe(0);
  });
});
