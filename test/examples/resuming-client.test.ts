import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AGENT_BECAME_ELIGIBLE, CLAIM_CHANGED, type EligibilityEvent } from '../../examples/agents.ts';
import { createResumingClient, subscribeFor } from '../../examples/resuming-client.ts';
import { closing } from './given-failures.ts';
import { givenService, type Service } from './given-service.ts';

type Client = ReturnType<typeof createResumingClient>;

/** Subscribes until the test ends, and writes down the cursors and how it ended. */
function following(client: Client, query: string, after: string) {
  const cursors: string[] = [];
  const endings: string[] = [];
  const stop = subscribeFor(
    client,
    { query, variables: { after } },
    {
      next: ({ data }) => {
        cursors.push((Object.values(data ?? {})[0] as EligibilityEvent).cursor);
      },
      error: ({ message }) => {
        endings.push(message);
      },
    },
  );
  onTestFinished(stop);
  return { cursors, endings };
}

/** Follows who becomes eligible; the first event has come. */
async function given(options: { readonly token?: () => string; readonly pingMs?: number } = {}) {
  const service = await givenService(options.token);
  const { cursor } = await service.waiting();
  const client = createResumingClient(service.access, options.pingMs);
  const followed = following(client, AGENT_BECAME_ELIGIBLE, cursor);
  await service.story.goOn();
  await caughtUp(service, cursor, followed.cursors);
  return { service, client, cursor, ...followed };
}

async function caughtUp({ story }: Service, after: string, cursors: readonly string[]): Promise<void> {
  const expected = await story.cursors(['AGENT_BECAME_ELIGIBLE'], after);
  await vi.waitFor(() => expect(cursors.length).toBeGreaterThanOrEqual(expected.length), 10_000);
  expect(cursors).toEqual(expected);
}

describe('a resuming client', () => {
  it.each([1012, 1013, 4403])('resumes after its connection was closed with %i', async (code) => {
    const { service, cursor, cursors, endings } = await given();
    service.wire.inject(closing(code));
    await service.story.goOn(2);
    await caughtUp(service, cursor, cursors);
    expect(endings).toEqual([]);
  });

  it.each([4400, 4401, 4406, 4409, 4429, 4500])('stops and says so after %i', async (code) => {
    const { service, endings } = await given();
    service.wire.inject(closing(code));
    const said = [`The server closed the connection with ${code} (). Connecting again would not help.`];
    await vi.waitFor(() => expect(endings).toEqual(said), 5_000);
  });

  it('waits for a server that restarts', async () => {
    const { service, cursor, cursors, endings } = await given();
    await service.stop();
    await service.story.goOn();
    await service.start();
    await caughtUp(service, cursor, cursors);
    expect(endings).toEqual([]);
  });

  it('resumes with a new token when its own no longer holds', async () => {
    let token = 'first';
    const { service, cursor, cursors, endings } = await given({ token: () => token });
    token = 'second';
    const made = service.wire.connections();
    service.letIn('second');
    await vi.waitFor(() => expect(service.wire.connections()).toBeGreaterThan(made), 5_000);
    await service.story.goOn();
    await caughtUp(service, cursor, cursors);
    expect(endings).toEqual([]);
  });

  it('stops and says so when a token that it just asked for is refused', async () => {
    const { service, endings } = await given();
    service.letIn('second');
    const said = ['The server does not accept this token: it is unknown or has expired.'];
    await vi.waitFor(() => expect(endings).toEqual(said), 5_000);
  });

  it('stops with the error of whoever should have given a token', async () => {
    const tokens = ['first', 'first'];
    const token = () => {
      const next = tokens.pop();
      if (next === undefined) throw new Error('nobody is logged in');
      return next;
    };
    const { service, endings } = await given({ token });
    service.wire.inject(closing(4403));
    await vi.waitFor(() => expect(endings).toEqual(['nobody is logged in']), 5_000);
  });

  it('notices a connection that is gone though nobody said so', async () => {
    const { service, cursor, cursors, endings } = await given({ pingMs: 50 });
    service.wire.silence();
    await service.story.goOn();
    await caughtUp(service, cursor, cursors);
    expect(endings).toEqual([]);
  });

  it('resumes each of its subscriptions after its own cursor', async () => {
    const { service, client, cursor, cursors } = await given();
    const first = await service.story.cursors(['AGENT_BECAME_ELIGIBLE'], cursor);
    const other = following(client, CLAIM_CHANGED, first.at(-1) ?? '');
    await service.story.goOn(4);
    service.wire.cut();
    await service.story.goOn(4);
    service.wire.restore();
    await caughtUp(service, cursor, cursors);
    const types = ['AGENT_BECAME_ELIGIBLE', 'ELIGIBILITY_LOST', 'AGENT_PROMOTED'] as const;
    const expected = await service.story.cursors(types, first.at(-1) ?? '');
    await vi.waitFor(() => expect(other.cursors.at(-1)).toBe(expected.at(-1)), 10_000);
    expect(other.cursors).toEqual(expected);
  });

  it('passes on that its cursor means nothing to the server', async () => {
    const service = await givenService();
    const { endings } = following(createResumingClient(service.access), AGENT_BECAME_ELIGIBLE, 'nonsense');
    await vi.waitFor(() => expect(endings).toEqual([expect.stringMatching(/^INVALID_CURSOR: /)]), 5_000);
  });
});
