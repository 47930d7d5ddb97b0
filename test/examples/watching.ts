import { expect, onTestFinished, vi } from 'vitest';
import type { Access } from '../../examples/access.ts';
import type { watchEligibility as watch } from '../../examples/graphql-ws.ts';

/** Watches until the test ends, and writes down what it is told. */
export async function watching(watchEligibility: typeof watch, access: Access) {
  const lists: string[][] = [];
  const cursors: string[] = [];
  const stop = new AbortController();
  const listener = {
    waiting: (agents: readonly { readonly agentId: string }[]) => {
      lists.push(agents.map(({ agentId }) => agentId));
    },
    eligible: ({ cursor }: { readonly cursor: string }) => {
      cursors.push(cursor);
    },
  };
  const ended = watchEligibility(access, listener, stop.signal);
  const outcome = ended.catch((error: unknown) => String(error));
  onTestFinished(async () => {
    stop.abort();
    await outcome;
  });
  await vi.waitFor(() => expect(lists).toHaveLength(1), 5_000);
  return { lists, cursors, outcome, stop };
}
