import { gql, type TypedDocumentNode } from '@apollo/client/core';
import { vi } from 'vitest';
import { CLAIM_CHANGED, type ClaimEvent } from '../../examples/agents.ts';
import { createApolloClient, watchWaiting } from '../../examples/apollo.ts';
import { DETAILS, keepsListTrue, type Details } from './kept-list.ts';

// Apollo says nothing of what it finds wrong unless it is told, before it loads, that this is development.
vi.hoisted(() => Object.assign(globalThis, { __DEV__: true }));

const DetailsQuery: TypedDocumentNode<Details, { readonly agentId: string }> = gql(DETAILS);
const ClaimChanged: TypedDocumentNode<{ readonly ledgerAppended: ClaimEvent }> = gql(CLAIM_CHANGED);

keepsListTrue('the example of Apollo', (access) => {
  const client = createApolloClient(access);
  return {
    watchWaiting: (show, signal) => watchWaiting(client, show, signal),
    events: (after, next) => {
      const events = client.subscribe({ query: ClaimChanged, variables: { after } }).subscribe(({ data }) => {
        if (data != null) next(data.ledgerAppended.cursor);
      });
      return () => events.unsubscribe();
    },
    fetchDetails: async (agentId) => {
      const { data } = await client.query({ query: DetailsQuery, variables: { agentId } });
      return data ?? fail();
    },
    cachedDetails: (agentId) => client.readQuery({ query: DetailsQuery, variables: { agentId } }),
  };
});

function fail(): never {
  throw new Error('the query was not answered');
}
