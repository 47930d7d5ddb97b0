import { describe, expect, it, vi } from 'vitest';
import { watchEligibility } from '../../examples/server-sent-events.ts';
import { givenEngine } from '../support/given-engine.ts';
import { givenService } from './given-service.ts';
import { watching } from './watching.ts';

describe('the example of server-sent events', () => {
  it('starts over with a fresh list where its cursor means nothing', async () => {
    const service = await givenService();
    const { lists, cursors } = await watching(watchEligibility, service.access);
    await service.stop();
    await service.start(await givenEngine());
    await vi.waitFor(() => expect(lists).toHaveLength(2), 10_000);
    await service.story.goOn();
    await vi.waitFor(() => expect(cursors).not.toEqual([]), 10_000);
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
