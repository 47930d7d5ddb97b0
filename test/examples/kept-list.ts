import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Access } from '../../examples/access.ts';
import type { WaitingAgent } from '../../examples/agents.ts';
import { givenEngine } from '../support/given-engine.ts';
import { breakAgainAndAgain, closing } from './given-failures.ts';
import { givenService, type Service } from './given-service.ts';

type Show = (agents: readonly WaitingAgent[]) => void;

/** A client with a cache, as a test uses it. */
export interface CachingClient {
  /** The example. */
  watchWaiting(show: Show, signal: AbortSignal): Promise<void>;
  /** What the cursor of each event was, from a cursor on, until the test ends. */
  events(after: string, next: (cursor: string) => void): () => void;
  /** Another view of an agent, which shows more of it than the list does. */
  fetchDetails(agentId: string): Promise<Details>;
  /** The same view from the cache alone; null if the cache can't answer. */
  cachedDetails(agentId: string): unknown;
}

/** An agent with more of its evaluation. */
export interface Details {
  readonly agent: { readonly evaluation: { readonly status: string; readonly recommendation: string } };
}

/** Fields of an evaluation that the list lacks. */
export const DETAILS = `
  query Details($agentId: String!) {
    agent(agentId: $agentId) {
      id
      tier
      evaluation { status recommendation requirements { key met } }
    }
  }
`;

const CHANGES = ['AGENT_BECAME_ELIGIBLE', 'ELIGIBILITY_LOST', 'AGENT_PROMOTED'] as const;

async function given(open: (access: Access) => CachingClient) {
  const warn = vi.spyOn(console, 'warn');
  const error = vi.spyOn(console, 'error');
  const service = await givenService();
  const client = open(service.access);
  const lists: (readonly WaitingAgent[])[] = [];
  const stop = new AbortController();
  const ended = client.watchWaiting((agents) => lists.push(agents), stop.signal);
  const outcome = ended.catch((reason: unknown) => String(reason));
  onTestFinished(async () => {
    stop.abort();
    await outcome;
    expect([...warn.mock.calls, ...error.mock.calls]).toEqual([]);
  });
  await vi.waitFor(() => expect(lists).not.toEqual([]), 5_000);
  return { service, client, lists, outcome, stop };
}

/** What is shown becomes what a fresh query answers. */
async function isFresh(service: Service, lists: readonly (readonly WaitingAgent[])[]): Promise<void> {
  const { eligibleAgents } = await service.waiting();
  const plain = () => lists.at(-1)?.map(withoutTypename);
  await vi.waitFor(() => expect(plain()).toEqual(eligibleAgents.nodes), 20_000);
}

function withoutTypename(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) =>
    key === '__typename' ? undefined : inner,
  );
}

/** What every example with a cache must do. */
export function keepsListTrue(name: string, open: (access: Access) => CachingClient): void {
  describe(name, () => {
    it('shows who waits, longest waiting first, and nobody whose claim has ended', async () => {
      const { service, lists } = await given(open);
      await isFresh(service, lists);
      for (let step = 0; step < 8; step += 1) {
        await service.story.goOn();
        await isFresh(service, lists);
      }
    });

    it('keeps the list true, with each event once and in order, however often its connection breaks', async () => {
      const { service, client, lists } = await given(open);
      const { cursor } = await service.waiting();
      const cursors: string[] = [];
      onTestFinished(client.events(cursor, (each) => cursors.push(each)));
      await breakAgainAndAgain(service, () => isFresh(service, lists));
      const expected = await service.story.cursors(CHANGES, cursor);
      await vi.waitFor(() => expect(cursors.at(-1)).toBe(expected.at(-1)), 10_000);
      expect(cursors).toEqual(expected);
    });

    it('leaves other views of the same agents readable from the cache', async () => {
      const { service, client, lists } = await given(open);
      await service.story.goOn(2);
      const before = await client.fetchDetails('agent-6');
      await service.story.goOn();
      await isFresh(service, lists);
      expect(lists.at(-1)?.map(({ agentId }) => agentId)).not.toContain('agent-6');
      const { agent } = before;
      const evaluation = { ...agent.evaluation, status: 'NOT_ELIGIBLE' };
      expect(client.cachedDetails('agent-6')).toEqual({ ...before, agent: { ...agent, evaluation } });
    });

    it('starts over with a fresh query where its cursor means nothing', async () => {
      const { service, lists } = await given(open);
      await service.stop();
      await service.start(await givenEngine());
      await vi.waitFor(() => expect(lists.at(-1)).toEqual([]), 10_000);
      await service.story.goOn(3);
      await isFresh(service, lists);
    });

    it('stops and says so when the server says that it is wrong', async () => {
      const { service, lists, outcome } = await given(open);
      await service.story.goOn();
      await isFresh(service, lists);
      service.wire.inject(closing(4400));
      expect(await outcome).toContain('The server closed the connection with 4400');
    });

    it('stops and says so when its token is refused', async () => {
      const { service, lists, outcome } = await given(open);
      await service.story.goOn();
      await isFresh(service, lists);
      service.letIn('second');
      expect(await outcome).toContain('The server does not accept this token');
    });
  });
}
