// Inputs that nobody should send, over every transport of a server in production, and what must never come of them.
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { TOKENS } from '../support/given-production.ts';

const SUBSCRIPTION = 'subscription ($after: String) { ledgerAppended(after: $after) { cursor } }';
const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  'input',
  'runs',
  'agentId',
];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('\0', '\ud800', '\u202e', '{', '"', '../../x', "' OR 1=1 --", '9'.repeat(400)),
  fc.nat({ max: 20_000 }).map((length) => 'x'.repeat(length)),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    text,
    fc.double(),
    fc.constantFrom(null, true, 2 ** 53, -1, 1e308, []),
    fc.array(tie('any'), { maxLength: 5 }),
    fc.array(fc.tuple(fc.oneof(fc.constantFrom(...KEYS), text), tie('any')), { maxLength: 5 }).map((pairs) =>
      // Written by hand: an object could not have its own __proto__ otherwise.
      Object.fromEntries(pairs),
    ),
  ),
})).any;

const QUERIES = [
  'mutation ($input: RecordRunsInput!) { recordRuns(input: $input) { __typename } }',
  'mutation ($input: PromoteAgentInput!) { promoteAgent(input: $input) { __typename } }',
  'mutation ($input: ReportViolationInput!) { reportViolation(input: $input) { __typename } }',
  'query ($input: AgentFilter) { agents(filter: $input) { totalCount nodes { agentId } } }',
  'query ($input: LedgerFilter) { ledger(filter: $input) { nodes { seq } } }',
  'query ($input: String!) { agent(agentId: $input) { agentId evaluation { status } } }',
  'query ($input: ID!) { node(id: $input) { id } }',
  'query ($input: String) { agents(after: $input) { nodes { agentId } } }',
  SUBSCRIPTION,
];
const document = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...QUERIES) },
  text,
  fc.tuple(fc.constantFrom(...QUERIES), fc.nat({ max: 80 })).map(([query, cut]) => query.slice(0, cut)),
  fc.nat({ max: 3_000 }).map((depth) => '{a'.repeat(depth)),
  text.map((name) => `{ agent(agentId: ${JSON.stringify(name)}) { agentId } }`),
);
const parameters = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ query: document, variables: fc.record({ input: value, after: value }) }),
  },
  fc.record({ query: value, variables: value, operationName: value, extensions: value }),
  value,
);
const written = fc.oneof(
  { weight: 4, arbitrary: parameters.map((sent) => JSON.stringify(sent)) },
  text,
  fc.tuple(parameters, fc.nat()).map(([sent, cut]) => JSON.stringify(sent).slice(0, cut % 500)),
  fc.constantFrom('{"__proto__":{"query":"{ cursor }"}}', '[]', 'null', '[[[[', '['.repeat(20_000)),
);
const frame = fc.oneof(
  parameters.map((payload) => JSON.stringify({ id: '1', type: 'subscribe', payload })),
  fc
    .record({
      id: value,
      type: fc.oneof(value, fc.constantFrom('subscribe', 'complete', 'ping')),
      payload: value,
    })
    .map((sent) => JSON.stringify(sent)),
  written,
);

/** One bad input, and what it is sent over. */
export type BadInput = readonly ['http' | 'sse' | 'socket', string];

/** So many bad inputs, the same for the same seed. */
export function badInputs(many: number, seed: number): readonly BadInput[] {
  const over = fc.constantFrom('http' as const, 'sse' as const);
  const arbitrary = fc.oneof(fc.tuple(over, written), fc.tuple(fc.constant('socket' as const), frame));
  return fc.sample(arbitrary, { numRuns: many, seed });
}

/** Sends inputs and gives what must not be: answers that are no answers, and errors that nobody foresaw. */
export async function sendBadInputs(url: string, inputs: readonly BadInput[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [over, sent] of inputs) {
    const answer = over === 'socket' ? await overSocket(url, sent) : await overHttp(url, sent, over);
    if (/"INTERNAL"|internal|stack|node_modules/i.test(answer) || answer === '')
      wrong.push(`${over} ${sent.slice(0, 200)} → ${answer.slice(0, 300)}`);
  }
  return wrong;
}

async function overHttp(url: string, body: string, over: 'http' | 'sse'): Promise<string> {
  const leave = new AbortController();
  const headers = {
    'content-type': 'application/json',
    accept: over === 'sse' ? 'text/event-stream' : 'application/json',
    authorization: `Bearer ${TOKENS.runner}`,
  };
  const response = await fetch(url, { method: 'POST', headers, body, signal: leave.signal });
  const stream = response.headers.get('content-type') === 'text/event-stream' && response.status === 200;
  if (!stream) return `${response.status} ${await response.text()}`;
  const first = await response.body?.getReader().read();
  leave.abort();
  return `${response.status} ${Buffer.from(first?.value ?? []).toString()}`;
}

/** What came first after the socket was let in: a message, a closing, or the answer to the ping that follows. */
async function overSocket(url: string, sent: string): Promise<string> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
  try {
    return await new Promise<string>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('close', (code) => resolve(code === 1011 ? 'internal' : `closed ${code}`));
      socket.on('open', () =>
        socket.send(
          JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${TOKENS.runner}` } }),
        ),
      );
      socket.on('message', (data: Buffer) => {
        if (!data.toString().includes('connection_ack')) resolve(data.toString());
        else {
          socket.send(sent);
          socket.send('{"type":"ping"}');
        }
      });
    });
  } finally {
    socket.terminate();
  }
}
