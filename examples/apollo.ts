// Apollo Client, without React: keeps the list of waiting agents true in its cache.
//
//   TIERKEEPER_TOKEN=… npx tsx examples/apollo.ts
import {
  ApolloClient,
  ApolloLink,
  CombinedGraphQLErrors,
  gql,
  HttpLink,
  InMemoryCache,
  Observable,
  type TypedDocumentNode,
} from '@apollo/client/core';
import { OperationTypeNode, print } from 'graphql';
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

const WaitingQuery: TypedDocumentNode<Waiting, Record<string, never>> = gql(WAITING);
const ClaimChanged: TypedDocumentNode<{ readonly ledgerAppended: ClaimEvent }, After> = gql(CLAIM_CHANGED);

/** A client of Apollo whose subscriptions resume. */
export function createApolloClient(access: Access): ApolloClient {
  const socket = createResumingClient(access);
  const subscriptions = new ApolloLink(
    ({ query, variables }) =>
      new Observable((observer) => subscribeFor(socket, { query: print(query), variables }, observer)),
  );
  const http = new HttpLink({ uri: access.url.href, fetch: authorizedFetch(access) });
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      subscriptions,
      http,
    ),
    cache: new InMemoryCache({
      // Without an `id` of its own, an evaluation would be replaced by one with fewer fields, and then whatever shows the
      // others could no longer be read from the cache.
      typePolicies: { Evaluation: { merge: true } },
    }),
  });
}

/**
 * Shows the list at first and whenever it changes, until the signal aborts.
 * @throws Error if trying again would not help
 */
export async function watchWaiting(
  client: ApolloClient,
  show: (agents: readonly WaitingAgent[]) => void,
  signal: AbortSignal,
): Promise<void> {
  let after: string | null = null;
  const shown = client
    .watchQuery({ query: WaitingQuery, fetchPolicy: 'cache-only' })
    .subscribe(({ data, dataState }) => {
      if (dataState !== 'complete') return;
      after = data.cursor;
      show(data.eligibleAgents.nodes);
    });
  try {
    while (!signal.aborted) {
      try {
        await follow(client, after ?? (await freshCursor(client)), signal);
      } catch (error) {
        after = await whereToResume(reasonOf(error as Error), after);
      }
    }
  } finally {
    shown.unsubscribe();
  }
}

async function freshCursor(client: ApolloClient): Promise<string> {
  const { data } = await client.query({ query: WaitingQuery, fetchPolicy: 'network-only' });
  if (data === undefined) throw new RefusedError([]);
  return data.cursor;
}

/** Ends when the signal aborts; what came has reached the cache by the time it does. */
async function follow(client: ApolloClient, after: string, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const events = client
      .subscribe({ query: ClaimChanged, variables: { after } })
      .subscribe(({ data, error }) => {
        if (data == null || error !== undefined) stop(error ?? new RefusedError([]));
        else
          client.cache.updateQuery({ query: WaitingQuery }, (list) =>
            list === null ? undefined : patched(list, data.ledgerAppended),
          );
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

function reasonOf(error: Error): Error {
  return CombinedGraphQLErrors.is(error) ? new RefusedError(error.errors) : error;
}

void runAsCommand(import.meta.filename, (access, signal) =>
  watchWaiting(createApolloClient(access), printWaiting, signal),
);
