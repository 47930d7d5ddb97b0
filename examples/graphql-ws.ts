// Plain graphql-ws, without a cache: tells who waits, then who becomes eligible, each exactly once and in order.
//
//   TIERKEEPER_TOKEN=… npx tsx examples/graphql-ws.ts
import type { Client } from 'graphql-ws';
import type { Access } from './access.ts';
import {
  AGENT_BECAME_ELIGIBLE,
  printEligible,
  printWaiting,
  queryWaiting,
  type EligibilityEvent,
  type WaitingAgent,
} from './agents.ts';
import { asError, endedByServer, RefusedError, whereToResume } from './refusals.ts';
import { createResumingClient } from './resuming-client.ts';
import { runAsCommand } from './run-as-command.ts';

/** Whom to tell. */
export interface Listener {
  /** At first, and again whenever the ledger turned out to be another one. */
  waiting(agents: readonly WaitingAgent[]): void;
  /** Each agent that becomes eligible after that. */
  eligible(event: EligibilityEvent): void;
}

/**
 * Tells a listener until the signal aborts.
 * @throws Error if trying again would not help
 */
export async function watchEligibility(
  access: Access,
  listener: Listener,
  signal: AbortSignal,
): Promise<void> {
  const client = createResumingClient(access);
  let after: string | null = null;
  while (!signal.aborted) {
    try {
      if (after === null) {
        const { cursor, eligibleAgents } = await queryWaiting(access);
        listener.waiting(eligibleAgents.nodes);
        after = cursor;
      }
      for await (const event of eligibilityEvents(client, after, signal)) {
        listener.eligible(event);
        after = event.cursor;
      }
    } catch (error) {
      after = await whereToResume(asError(error), after);
    }
  }
}

async function* eligibilityEvents(client: Client, after: string, signal: AbortSignal) {
  const results = client.iterate<{ readonly agentBecameEligible: EligibilityEvent }>({
    query: AGENT_BECAME_ELIGIBLE,
    variables: { after },
  });
  const stop = () => void results.return?.();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const { data, errors } of results) {
      if (data == null || errors !== undefined) throw new RefusedError(errors ?? []);
      yield data.agentBecameEligible;
    }
    if (!signal.aborted) throw endedByServer();
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

void runAsCommand(import.meta.filename, (access, signal) =>
  watchEligibility(access, { waiting: printWaiting, eligible: printEligible }, signal),
);
