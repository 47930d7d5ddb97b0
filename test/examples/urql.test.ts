import { gql } from '@urql/core';
import { CLAIM_CHANGED, type ClaimEvent } from '../../examples/agents.ts';
import { createUrqlClient, watchWaiting } from '../../examples/urql.ts';
import { DETAILS, keepsListTrue, type Details } from './kept-list.ts';

const DetailsQuery = gql<Details, { readonly agentId: string }>(DETAILS);
const ClaimChanged = gql<{ readonly ledgerAppended: ClaimEvent }, { readonly after: string }>(CLAIM_CHANGED);

keepsListTrue('the example of urql', (access) => {
  const client = createUrqlClient(access);
  return {
    watchWaiting: (show, signal) => watchWaiting(client, show, signal),
    events: (after, next) =>
      client.subscription(ClaimChanged, { after }).subscribe(({ data }) => {
        if (data !== undefined) next(data.ledgerAppended.cursor);
      }).unsubscribe,
    fetchDetails: async (agentId) => {
      const { data } = await client.query(DetailsQuery, { agentId });
      return data ?? fail();
    },
    cachedDetails: (agentId) =>
      client.readQuery(DetailsQuery, { agentId }, { requestPolicy: 'cache-only' })?.data ?? null,
  };
});

function fail(): never {
  throw new Error('the query was not answered');
}
