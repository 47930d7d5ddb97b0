import type { GraphQLSchema } from 'graphql';
import './scalars.ts';
import './agents.ts';
import './agent-authority.ts';
import './agent-lists.ts';
import './entries/entries.ts';
import './entries/authority-entries.ts';
import './entries/clock-entry.ts';
import './entries/vault-entries.ts';
import './ledger.ts';
import './node.ts';
import './viewer.ts';
import './vault.ts';
import './followers.ts';
import './record-runs.ts';
import './report-violation.ts';
import './promote-agent.ts';
import './deny-promotion.ts';
import './revoke-agent.ts';
import './reinstate-agent.ts';
import './update-agent.ts';
import './subscriptions.ts';
import { builder } from './builder.ts';
import { holdLists } from './held-lists.ts';
import { assertPriced, describePrices } from './price-list.ts';
import { assertRootRights } from './root-rights.ts';

/** The executable schema: one import above is one feature. */
export function createSchema(): GraphQLSchema {
  const schema = builder.toSchema();
  assertRootRights(schema);
  assertPriced(schema);
  describePrices(schema);
  holdLists(schema);
  return schema;
}
