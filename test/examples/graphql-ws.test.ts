import { describe, expect, it, vi } from 'vitest';
import { watchEligibility } from '../../examples/graphql-ws.ts';
import { givenEngine } from '../support/given-engine.ts';
import { breakAgainAndAgain, closing } from './given-failures.ts';
import { givenService } from './given-service.ts';
import { watching } from './watching.ts';

const ELIGIBLE = ['AGENT_BECAME_ELIGIBLE'] as const;

describe('the example of plain graphql-ws', () => {
  it('tells each agent exactly once and in order, however often its connection breaks', async () => {
    const service = await givenService();
    const { cursor } = await service.waiting();
    const { cursors } = await watching(watchEligibility, service.access);
    await breakAgainAndAgain(service, async () => {
      const expected = await service.story.cursors(ELIGIBLE, cursor);
      await vi.waitFor(() => expect(cursors.length).toBeGreaterThanOrEqual(expected.length), 20_000);
      expect(cursors).toEqual(expected);
    });
    expect(cursors.length).toBeGreaterThan(20);
  });

  it('tells first who waits, longest waiting first', async () => {
    const service = await givenService();
    const { lists } = await watching(watchEligibility, service.access);
    const { eligibleAgents } = await service.waiting();
    expect(lists).toEqual([eligibleAgents.nodes.map(({ agentId }) => agentId)]);
  });

  it('starts over with a fresh list where its cursor means nothing', async () => {
    const service = await givenService();
    const { lists, cursors } = await watching(watchEligibility, service.access);
    await service.stop();
    await service.start(await givenEngine());
    await vi.waitFor(() => expect(lists).toHaveLength(2), 10_000);
    expect(lists.at(-1)).toEqual([]);
    await service.story.goOn();
    await vi.waitFor(() => expect(cursors).not.toEqual([]), 10_000);
  });

  it('stops and says so when the server says that it is wrong', async () => {
    const service = await givenService();
    const { outcome, cursors } = await watching(watchEligibility, service.access);
    await service.story.goOn();
    await vi.waitFor(() => expect(cursors).not.toEqual([]), 5_000);
    service.wire.inject(closing(4429));
    expect(await outcome).toBe(
      'Error: The server closed the connection with 4429 (). Connecting again would not help.',
    );
  });

  it('ends when it is told to, with its connection', async () => {
    const service = await givenService();
    const { outcome, stop, cursors } = await watching(watchEligibility, service.access);
    await service.story.goOn();
    await vi.waitFor(() => expect(cursors).not.toEqual([]), 5_000);
    stop.abort();
    expect(await outcome).toBeUndefined();
  });
});
