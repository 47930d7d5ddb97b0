// What commands about one agent have in common: fields of their inputs, and the field `agent` of what they did.
import { AgentType } from './agent.ts';
import { PRICES } from './prices.ts';
import type { Context } from './context.ts';

/** The input field `agentId`. */
export const AGENT_ID = { required: true, description: 'Whom.' } as const;

/** The input field `reason`. */
export const REASON = {
  required: true,
  description: 'Why: 1 to 2,000 characters; it can be erased.',
} as const;

/** The input field `idempotencyKey`. */
export const IDEMPOTENCY_KEY = {
  required: true,
  description: 'Repeats the outcome for 7 days: 1 to 200 characters.',
} as const;

/** The field `agent` of an outcome that names one. */
export const AGENT_NOW = {
  type: AgentType,
  complexity: PRICES.statement,
  description: 'The agent as it is now.',
  resolve: (query: object, { agentId }: { readonly agentId: string }, _args: object, { prisma }: Context) =>
    prisma.agent.findUniqueOrThrow({ ...query, where: { agentId } }),
} as const;
