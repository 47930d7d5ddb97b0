import { describe, expect, it, vi } from 'vitest';
import { watchEligibility } from '../../examples/server-sent-events.ts';
import { givenEngine } from '../support/given-engine.ts';
import { breakAgainAndAgain } from './given-failures.ts';
import { givenService } from './given-service.ts';
import { watching } from './watching.ts';

const ELIGIBLE = ['AGENT_BECAME_ELIGIBLE'] as const;

describe('the example of server-sent events', () => {
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

  it('waits for a server that restarts', async () => {
    const service = await givenService();
    const { cursor } = await service.waiting();
    const { cursors } = await watching(watchEligibility, service.access);
    await service.story.goOn();
    await vi.waitFor(() => expect(cursors).not.toEqual([]), 5_000);
    await service.stop();
    await service.story.goOn();
    await service.start();
    const expected = await service.story.cursors(ELIGIBLE, cursor);
    await vi.waitFor(() => expect(cursors).toEqual(expected), 10_000);
  });

  it('starts over with a fresh list where its cursor means nothing', async () => {
    const service = await givenService();
    const { lists, cursors } = await watching(watchEligibility, service.access);
    await service.stop();
    await service.start(await givenEngine());
    await vi.waitFor(() => expect(lists).toHaveLength(2), 10_000);
    await service.story.goOn();
    await vi.waitFor(() => expect(cursors).not.toEqual([]), 10_000);
  });

  it('resumes with a new token when its own no longer holds', async () => {
    const asked: string[] = [];
    let token = 'first';
    const service = await givenService(() => {
      asked.push(token);
      return token;
    });
    const { cursor } = await service.waiting();
    const { cursors } = await watching(watchEligibility, service.access);
    await service.story.goOn();
    await vi.waitFor(() => expect(cursors).not.toEqual([]), 5_000);
    token = 'second';
    service.letIn('second');
    await vi.waitFor(() => expect(asked).toContain('second'), 10_000);
    await service.story.goOn();
    const expected = await service.story.cursors(ELIGIBLE, cursor);
    await vi.waitFor(() => expect(cursors).toEqual(expected), 10_000);
  });

  it('stops and says so when its token is refused', async () => {
    const service = await givenService();
    const { outcome, cursors } = await watching(watchEligibility, service.access);
    await service.story.goOn();
    await vi.waitFor(() => expect(cursors).not.toEqual([]), 5_000);
    service.letIn('second');
    expect(await outcome).toContain('UNAUTHENTICATED');
  });
});
