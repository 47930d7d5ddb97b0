import { expect, it, vi } from 'vitest';
import { givenProduction, TOKENS } from '../support/given-production.ts';

vi.setConfig({ testTimeout: 60_000 });

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
  readonly extensions?: { readonly cost?: { readonly cost: number } };
}

const RECORD = `mutation ($input: RecordRunsInput!) { recordRuns(input: $input) { ... on RunsRecorded { recorded } } }`;
const RUNS = 10;
const ACTIONS = 4_000;

type Send = (query: string, variables?: object) => Promise<Answer>;

/** Asks a server at its defaults. */
async function givenSend(): Promise<{ readonly url: string; readonly send: Send }> {
  const { url } = await givenProduction();
  const send: Send = async (query, variables = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKENS.runner}` },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Answer;
  };
  return { url, send };
}

/** One agent has few runs, each as long as a batch may make it. */
async function givenFat(): Promise<Send> {
  const { send } = await givenSend();
  const at = new Date(Date.now() - 60_000).toISOString();
  const action = { type: 'generate_plan', decision: 'PLAN', success: true, occurredAt: at };
  const violation = { type: 'scope', severity: 'LOW', occurredAt: at };
  for (let run = 0; run < RUNS; run += 1) {
    const actions = Array.from({ length: ACTIONS }, () => action);
    const violations = Array.from({ length: run === 0 ? 100 : 0 }, () => violation);
    const runs = [{ agentId: 'fat', runId: `r${run}`, startedAt: at, finishedAt: at, actions, violations }];
    expect(await send(RECORD, { input: { runs } })).toMatchObject({ data: { recordRuns: { recorded: 1 } } });
  }
  return send;
}

async function refusal(send: Send, query: string) {
  const { errors, extensions } = await send(query);
  const codes = [...new Set(errors?.map((error) => error.extensions.code))];
  return { codes, cost: extensions?.cost?.cost ?? 0, message: errors?.[0]?.message };
}

const times = (count: number, field: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => `a${index}: ${field(index)}`).join(' ');

it('an answer that turns out longer than it was priced for is given while there is room below the limit, and else refused', async () => {
  const send = await givenFat();
  const fields = 'actions { type decision success occurredAt }';
  const given = await send(`{ agent(agentId: "fat") { runs(first: 3) { nodes { ${fields} } } } }`);
  expect(given.errors).toBeUndefined();
  const { nodes } = (given.data as { agent: { runs: { nodes: { actions: unknown[] }[] } } }).agent.runs;
  expect(nodes.map(({ actions }) => actions.length)).toEqual([ACTIONS, ACTIONS, ACTIONS]);
  for (const query of [
    `{ agent(agentId: "fat") { runs(first: ${RUNS}) { nodes { ${fields} } } } }`,
    `{ agent(agentId: "fat") { ${times(6, (index) => `runs(first: ${index + 2}) { nodes { ${fields} } }`)} } }`,
    `{ ledger(first: 50) { nodes { ... on RunRecordedEntry { run { ${fields} } } } } }`,
    `{ agent(agentId: "fat") { runs(first: ${RUNS}) { nodes { violations { run { ${fields} } } } } } }`,
  ]) {
    const { codes, cost, message } = await refusal(send, query);
    expect([query, codes]).toEqual([query, ['LIMIT_EXCEEDED']]);
    expect(cost).toBeLessThan(20_000);
    expect(message).toBe(
      'The answer would cost more than the limit of 200000, because of what there is in `actions`: ask for fewer items at a time with `first`, or send several operations.',
    );
  }
});

it('activity is counted for one window however much there is in it, and not again and again', async () => {
  const send = await givenFat();
  expect(await send('{ agent(agentId: "fat") { activity(days: 90) { totalActions } } }')).toMatchObject({
    data: { agent: { activity: { totalActions: RUNS * ACTIONS } } },
  });
  const windows = times(15, (index) => `activity(days: ${index + 10}) { totalActions }`);
  expect((await refusal(send, `{ agent(agentId: "fat") { ${windows} } }`)).codes).toEqual(['LIMIT_EXCEEDED']);
});

it('the list of whom the caller can promote is priced for looking at everybody, and fits ten times', async () => {
  const { send } = await givenSend();
  const list = () => 'agents(first: 1, filter: { viewerCanPromote: true }) { totalCount }';
  expect((await send(`{ ${times(10, list)} }`)).errors).toBeUndefined();
  expect((await refusal(send, `{ ${times(15, list)} }`)).codes).toEqual(['LIMIT_EXCEEDED']);
});

it('an event may cost a tenth of what an operation may', async () => {
  const { url } = await givenSend();
  const controller = new AbortController();
  const subscribe = (query: string) =>
    fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${TOKENS.runner}`,
      },
      body: JSON.stringify({ query }),
      signal: controller.signal,
    });
  const history = (index: number) =>
    `history(first: ${index + 50}) { nodes { seq at type agent { agentId } } }`;
  const dear = (index: number) =>
    `history(first: ${index + 50}) { nodes { agent { evaluation { status } } } }`;
  const refused = await subscribe(
    `subscription { ledgerAppended { entry { agent { ${times(6, dear)} } } } }`,
  );
  expect(await refused.text()).toMatch(/costs \d+, more than the limit of 20000/);
  const taken = await subscribe(
    `subscription { ledgerAppended { entry { agent { ${times(1, history)} } } } }`,
  );
  expect([taken.status, taken.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  controller.abort();
});
