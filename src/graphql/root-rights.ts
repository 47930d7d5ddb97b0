import type { GraphQLSchema } from 'graphql';
import type { Command } from '../governance/principals/authority.ts';

/**
 * Who may use each root field. READ: every principal, limited to the agents that it sees. PUBLIC: every principal, and it
 * shows no agent. ADMIN: admins
 * alone; anybody else is answered with an error. A command: whom `COMMAND_RIGHTS` names, checked in the use case so that a refusal reaches the ledger.
 */
export const ROOT_RIGHTS: Readonly<Record<string, 'READ' | 'PUBLIC' | 'ADMIN' | Command>> = {
  'Query.agent': 'READ',
  'Query.agents': 'READ',
  'Query.cursor': 'PUBLIC',
  'Query.eligibleAgents': 'READ',
  'Query.followers': 'ADMIN',
  'Query.ledger': 'READ',
  'Query.node': 'READ',
  'Query.policy': 'PUBLIC',
  'Query.promotionHistory': 'READ',
  'Query.promotionRequirements': 'PUBLIC',
  'Query.viewer': 'READ',
  'Mutation.denyPromotion': 'DENY_PROMOTION',
  'Mutation.promoteAgent': 'PROMOTE_AGENT',
  'Mutation.recordRuns': 'RECORD_RUNS',
  'Mutation.reinstateAgent': 'REINSTATE_AGENT',
  'Mutation.reportViolation': 'REPORT_VIOLATION',
  'Mutation.revokeAgent': 'REVOKE_AGENT',
  'Mutation.updateAgent': 'UPDATE_AGENT',
  'Subscription.agentBecameEligible': 'READ',
  'Subscription.ledgerAppended': 'READ',
};

/** The root fields of a schema, such as `Query.agent`. */
export function rootFields(schema: GraphQLSchema): readonly string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return roots.flatMap((root) =>
    Object.keys(root?.getFields() ?? {}).map((field) => `${root?.name ?? ''}.${field}`),
  );
}

/**
 * Refuses a schema with a root field that states no right.
 * @throws Error, when the schema is made: long before a request could reach the field.
 */
export function assertRootRights(schema: GraphQLSchema): void {
  const without = rootFields(schema).filter((field) => !Object.hasOwn(ROOT_RIGHTS, field));
  if (without.length > 0) throw new Error(`ROOT_RIGHTS says nothing of ${without.join(', ')}.`);
}
