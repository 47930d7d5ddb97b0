import { createClient } from 'graphql-ws';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { AGENT_PAGE, AGENTS_PAGE } from '../../bench/prices/documents.ts';
import { DEFAULT_COST } from '../../src/graphql/prices.ts';
import { givenProduction, TOKENS } from '../support/given-production.ts';

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
  readonly extensions?: { readonly cost?: { readonly cost: number; readonly limit: number } };
}

const TOO_DEAR = 'agents(first: 100) { nodes { history(first: 100) { nodes { seq agent { viewerCan } } } } }';
const TOO_DEAR_EVENT =
  'subscription { ledgerAppended { entry { agent { history(first: 100) { nodes { agent { runs(first: 100) { nodes { actions { type } } } } } } } } } }';

async function send(url: string, query: string, more: { variables?: object; accept?: string } = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${TOKENS.runner}`,
      accept: more.accept ?? 'application/json',
    },
    body: JSON.stringify({ query, variables: more.variables }),
  });
  return (await response.json()) as Answer;
}

const record = (url: string) =>
  send(
    url,
    `mutation ($input: RecordRunsInput!) { recordRuns(input: $input) { ... on RunsRecorded { recorded } } }`,
    {
      variables: {
        input: {
          runs: Array.from({ length: 120 }, (_, index) => ({
            agentId: `agent-${index}`,
            runId: 'first',
            startedAt: '2026-11-23T10:00:00Z',
            finishedAt: '2026-11-23T10:00:09Z',
            actions: [
              { type: 'generate_plan', decision: 'PLAN', success: true, occurredAt: '2026-11-23T10:00:05Z' },
            ],
          })),
        },
      },
    },
  );

it('the pages of a dashboard pass at the default limits, and every answer tells what it cost', async () => {
  const { url } = await givenProduction();
  const recorded = await record(url);
  expect(recorded).toMatchObject({ data: { recordRuns: { recorded: 120 } } });
  const page = await send(url, AGENTS_PAGE);
  expect(page.errors).toBeUndefined();
  expect((page.data as { agents: { nodes: unknown[] } }).agents.nodes).toHaveLength(100);
  const agent = await send(url, AGENT_PAGE, { variables: { agentId: 'agent-7' } });
  expect(agent.errors).toBeUndefined();
  for (const { extensions } of [recorded, page, agent]) {
    expect(extensions?.cost?.limit).toBe(DEFAULT_COST);
    expect(extensions?.cost?.cost).toBeGreaterThan(0);
    expect(extensions?.cost?.cost).toBeLessThan(0.7 * DEFAULT_COST);
  }
});

it('what costs too much is refused in the same words over HTTP, SSE and WebSocket, which name the dearest field', async () => {
  const { url } = await givenProduction();
  const { data, errors, extensions } = await send(url, `{ ${TOO_DEAR} }`);
  expect(data).toBeUndefined();
  expect(errors?.[0]?.message).toMatch(
    /agents\.nodes\.history\.nodes\S*: \d+, \d+ % of it\. Ask for fewer items/,
  );
  expect(errors?.[0]?.extensions).toMatchObject({
    code: 'LIMIT_EXCEEDED',
    retryable: false,
    cost: extensions?.cost,
  });
  expect(extensions?.cost?.cost).toBeGreaterThan(DEFAULT_COST);

  const streamed = await send(url, TOO_DEAR_EVENT, { accept: 'application/json, text/event-stream' }).catch(
    () => null,
  );
  const refused = await refusal(url, TOO_DEAR_EVENT);
  expect(refused[0]?.extensions.code).toBe('LIMIT_EXCEEDED');
  if (streamed !== null) expect(streamed.errors?.[0]?.message).toBe(refused[0]?.message);
});

it('events carry the cost of each', async () => {
  const { url } = await givenProduction();
  const client = connected(url);
  const events = client.iterate({ query: 'subscription { ledgerAppended(after: "0") { cursor } }' });
  const none = await events.next().catch((errors: unknown) => errors);
  expect(none).toMatchObject([{ extensions: { code: 'INVALID_CURSOR' } }]);
  const { data } = await send(url, '{ cursor }');
  const after = (data as { cursor: string }).cursor;
  const live = client.iterate({
    query: 'subscription ($after: String) { ledgerAppended(after: $after) { cursor } }',
    variables: { after },
  });
  const next = live.next();
  await record(url);
  expect(await next).toMatchObject({ value: { extensions: { cost: { limit: DEFAULT_COST / 10 } } } });
  await live.return?.();
});

function connected(url: string) {
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${TOKENS.runner}` },
  });
  onTestFinished(() => void client.dispose());
  return client;
}

function refusal(url: string, query: string) {
  return new Promise<NonNullable<Answer['errors']>>((resolve) =>
    connected(url).subscribe(
      { query },
      { next: () => undefined, error: (errors) => resolve(errors as never), complete: () => undefined },
    ),
  );
}
