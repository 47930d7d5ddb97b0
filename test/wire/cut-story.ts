import { expect, onTestFinished, vi } from 'vitest';
import type { App } from '../../src/app/app.ts';
import type { StoredEntry } from '../../src/app/ports/ledger.ts';
import { readCursor, writeCursor } from '../../src/governance/ledger/cursor.ts';
import { promote } from '../support/given-agent.ts';
import { ADA, ANN } from '../support/given-principal.ts';
import { givenAction, givenRun, givenViolation, record } from '../support/given-runs.ts';
import { givenProxy, type Cut } from './cutting-proxy.ts';
import { givenService, type Admitted } from './given-service.ts';
import { ResumingSocket, ResumingStream, type ResumingClient } from './resuming-client.ts';

const AGENTS = ['payments-1', 'payments-2', 'payments-3', 'search-1', 'search-2', 'search-3', 'ops', 'web'];
const CUTS: readonly Cut[] = ['CLIENT_FIRST', 'SERVER_FIRST', 'MID_MESSAGE'];
const BEGINNING = writeCursor({ seq: 0, hash: '00000000' });

const ADMITTED: readonly Admitted[] = [
  { token: 'all', id: 'val', kind: 'person', roles: ['viewer'] },
  { token: 'reviewer', id: 'rex', kind: 'person', roles: ['reviewer'] },
  { token: 'payments', id: 'pat', kind: 'person', roles: ['viewer'], agents: ['payments-*'] },
  { token: 'two', id: 'two', kind: 'service', roles: ['viewer'], agents: ['search-1', 'ops'] },
  { token: 'itself', id: 'payments-2', kind: 'agent', roles: ['recorder'] },
];
const SEES: Readonly<Record<string, (agentId: string | null) => boolean>> = {
  all: () => true,
  reviewer: () => true,
  payments: (agentId) => agentId?.startsWith('payments-') === true,
  two: (agentId) => agentId === 'search-1' || agentId === 'ops',
  itself: (agentId) => agentId === 'payments-2',
};

interface Question {
  readonly query: string;
  readonly filter: Readonly<Record<string, unknown>>;
  readonly asksFor: (entry: StoredEntry) => boolean;
}

const LEDGER = (field: string) =>
  `subscription ($after: String, $filter: LedgerFilter) { event: ledgerAppended(after: $after, filter: $filter) { cursor ${field} } }`;
const ELIGIBLE = (field: string) =>
  `subscription ($after: String, $filter: AgentFilter) { event: agentBecameEligible(after: $after, filter: $filter) { cursor ${field} } }`;
const isEligible = ({ type }: StoredEntry) => type === 'AGENT_BECAME_ELIGIBLE';

const QUESTIONS: readonly Question[] = [
  { query: LEDGER(''), filter: {}, asksFor: () => true },
  { query: LEDGER('entry { seq type agentId }'), filter: {}, asksFor: () => true },
  {
    query: LEDGER('entry { __typename agent { agentId viewerCanPromote } }'),
    filter: { agentId: ['payments-2', 'ops'] },
    asksFor: ({ agentId }) => agentId === 'payments-2' || agentId === 'ops',
  },
  {
    query: LEDGER(''),
    filter: { types: ['VIOLATION_REPORTED', 'AGENT_PROMOTED', 'AGENT_REGISTERED'] },
    asksFor: ({ type }) => ['VIOLATION_REPORTED', 'AGENT_PROMOTED', 'AGENT_REGISTERED'].includes(type),
  },
  { query: ELIGIBLE('agent { agentId } evaluation { status }'), filter: {}, asksFor: isEligible },
  {
    query: ELIGIBLE('at'),
    filter: { tier: ['T0', 'T2'] },
    asksFor: (entry) =>
      entry.type === 'AGENT_BECAME_ELIGIBLE' && ['T0', 'T2'].includes(entry.payload.facts.state.tier),
  },
];

/** How large a story about broken connections is. */
export interface CutStory {
  readonly entries: number;
  readonly subscribers: number;
  readonly cuts: number;
}

interface Subscribed {
  readonly client: ResumingClient;
  readonly due: (entry: StoredEntry) => boolean;
}

/**
 * Appends entries while connections of subscribers break and they come back, and fails unless each got exactly what it
 * asks for and may see: nothing lost, doubled, out of order or foreign. Gives how many events they got in all.
 */
export async function tellCutStory({ entries, subscribers, cuts }: CutStory): Promise<number> {
  const limits = { socketsPerPrincipal: 1_000, operationsPerMinute: 100_000 };
  const { url, engine } = await givenService(ADMITTED, limits);
  const proxy = await givenProxy(url);
  const all = Array.from({ length: subscribers }, (_, index) => subscriber(proxy.url, index));
  onTestFinished(() => {
    for (const { client } of all) client.stop();
  });
  for (const { client } of all) client.start();
  const first = all[0]?.client ?? fail('Nobody subscribes.');
  let done = 0;
  const cutSome = (until: number) => {
    for (; done < until; done += 1) {
      const { client } = all[(done * 7) % all.length] ?? {};
      if (!proxy.cut(client?.port, CUTS[done % 3] ?? 'MID_MESSAGE', (done * 37) % 400)) return;
    }
  };
  const before = (await engine.app.store.reader.head()).seq;
  for (let seq = before; seq < entries || done < cuts;) {
    await somethingHappens(engine.app, seq);
    seq = (await engine.app.store.reader.head()).seq;
    cutSome(Math.min(cuts, Math.ceil((cuts * seq) / entries)));
    // Who writes in the same process would let nobody else have a turn.
    await vi.waitFor(() => expect(first.events.length).toBeGreaterThan(seq - 200), {
      timeout: 20_000,
      interval: 1,
    });
  }
  await haveAll(engine.app, all);
  return all.reduce((sum, { client }) => sum + client.events.length, 0);
}

function subscriber(url: string, index: number): Subscribed {
  const question = QUESTIONS[index % QUESTIONS.length];
  const [token, sees] = Object.entries(SEES)[Math.floor(index / 2) % 5] ?? [];
  if (question === undefined || token === undefined || sees === undefined)
    throw new RangeError('Nobody asks.');
  const asked = { token, query: question.query, variables: { after: BEGINNING, filter: question.filter } };
  const overWebSocket = (index + Math.floor(index / QUESTIONS.length)) % 2 === 0;
  const client = overWebSocket ? new ResumingSocket(url, asked) : new ResumingStream(url, asked);
  return { client, due: (entry) => question.asksFor(entry) && sees(entry.agentId) };
}

/** Agents work, break rules now and then, and are promoted. */
async function somethingHappens(app: App, turn: number): Promise<void> {
  const now = app.clock.now();
  const types = ['generate_plan', 'ansible_check', 'terraform_plan', 'ansible_run', 'terraform_apply'];
  const actions = types.map((type) => givenAction(type, now));
  const runs = Array.from({ length: 40 }, (_, index) => {
    const agentId = AGENTS[(turn + index) % AGENTS.length] ?? 'ops';
    const violations = (turn * 40 + index) % 97 === 0 ? [givenViolation(now - 31 * 86_400_000)] : [];
    return givenRun(now, { agentId, violations, actions: index < AGENTS.length ? actions : [] });
  });
  await record(app, runs);
  const agentId = AGENTS[turn % AGENTS.length] ?? 'ops';
  for (const voter of [ANN, ADA]) await promote(app, voter, agentId).catch(() => undefined);
}

async function haveAll(app: App, all: readonly Subscribed[]): Promise<void> {
  const entries = await app.store.reader.entriesAfter(0, 1_000_000);
  for (const [index, { client, due }] of all.entries()) {
    const expected = entries.filter(due).map(({ seq }) => seq);
    const got = () => client.events.map(({ cursor }) => readCursor(cursor)?.seq);
    await vi.waitFor(
      () => {
        if (client.problems.length === 0 && client.events.length < expected.length)
          throw new Error(`Subscriber ${index} has ${client.events.length} of ${expected.length} events.`);
      },
      { timeout: 60_000, interval: 20 },
    );
    expect(client.problems, `subscriber ${index}`).toEqual([]);
    expect(got(), `subscriber ${index}`).toEqual(expected);
  }
}

function fail(message: string): never {
  throw new RangeError(message);
}
