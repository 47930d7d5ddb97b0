// urql with graphcache: keeps the list of waiting agents true in its cache.
//
//   TIERKEEPER_TOKEN=… npx tsx examples/urql.ts
import { Client, fetchExchange, gql, subscriptionExchange, type CombinedError } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { authorizedFetch, type Access } from './access.ts';
import {
  CLAIM_CHANGED,
  patched,
  printWaiting,
  WAITING,
  type After,
  type ClaimEvent,
  type Waiting,
  type WaitingAgent,
} from './agents.ts';
import { RefusedError, whereToResume } from './refusals.ts';
import { createResumingClient, subscribeFor } from './resuming-client.ts';
import { runAsCommand } from './run-as-command.ts';

const WaitingQuery = gql<Waiting, Record<string, never>>(WAITING);
const ClaimChanged = gql<{ readonly ledgerAppended: ClaimEvent }, After>(CLAIM_CHANGED);

/** These have no `id`: they live inside what they are a part of. Graphcache warns of each one that is not named. */
const embedded = () => null;
const KEYS = {
  AgentBecameEligibleEntry: embedded,
  AgentConnection: embedded,
  AgentPromotedEntry: embedded,
  AgentUpdatedEntry: embedded,
  EligibilityLostEntry: embedded,
  Evaluation: embedded,
  LedgerEvent: embedded,
  PromotionDeniedEntry: embedded,
  Requirement: embedded,
};

/** A client of urql whose subscriptions resume, and whose cache follows them. */
export function createUrqlClient(access: Access): Client {
  const socket = createResumingClient(access);
  const cache = cacheExchange({
    keys: KEYS,
    updates: {
      Subscription: {
        ledgerAppended({ ledgerAppended }: { ledgerAppended: ClaimEvent }, _args, store) {
          store.updateQuery({ query: WaitingQuery }, (list) => list && patched(list, ledgerAppended));
        },
      },
    },
  });
  const subscriptions = subscriptionExchange({
    forwardSubscription: ({ query = '', variables }) => ({
      subscribe: (sink) => ({
        unsubscribe: subscribeFor(socket, { query, variables: { ...variables } }, sink),
      }),
    }),
  });
  return new Client({
    url: access.url.href,
    fetch: authorizedFetch(access),
    preferGetMethod: false,
    exchanges: [cache, fetchExchange, subscriptions],
  });
}

/**
 * Shows the list at first and whenever it changes, until the signal aborts.
 * @throws Error if trying again would not help
 */
export async function watchWaiting(
  client: Client,
  show: (agents: readonly WaitingAgent[]) => void,
  signal: AbortSignal,
): Promise<void> {
  let after: string | null = null;
  const shown = client.query(WaitingQuery, {}, { requestPolicy: 'cache-only' }).subscribe(({ data }) => {
    if (data == null) return;
    after = data.cursor;
    show(data.eligibleAgents.nodes);
  });
  try {
    while (!signal.aborted) {
      try {
        await follow(client, after ?? (await freshCursor(client)), signal);
      } catch (error) {
        after = await whereToResume(error as Error, after);
      }
    }
  } finally {
    shown.unsubscribe();
  }
}

async function freshCursor(client: Client): Promise<string> {
  const { data, error } = await client.query(WaitingQuery, {}, { requestPolicy: 'network-only' });
  if (data === undefined || error !== undefined) throw reasonOf(error);
  return data.cursor;
}

/** Ends when the signal aborts; what came has reached the cache by the time it does. */
async function follow(client: Client, after: string, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const events = client.subscription(ClaimChanged, { after }).subscribe(({ error }) => {
      if (error !== undefined) stop(reasonOf(error));
    });
    const stop = (reason?: Error) => {
      events.unsubscribe();
      signal.removeEventListener('abort', onAbort);
      if (reason === undefined) resolve();
      else reject(reason);
    };
    const onAbort = () => stop();
    signal.addEventListener('abort', onAbort);
  });
}

function reasonOf(error: CombinedError | undefined): Error {
  return error?.networkError ?? new RefusedError(error?.graphQLErrors ?? []);
}

void runAsCommand(import.meta.filename, (access, signal) =>
  watchWaiting(createUrqlClient(access), printWaiting, signal),
);
