import type { ExecutionResult } from 'graphql';
import { Budget, unlimited } from '../../graphql/budget.ts';
import type { OperationCost } from '../../graphql/operation-cost.ts';
import { wireError } from '../wire-codes.ts';

/** `extensions.cost` of an answer: what the operation costs, and what it may cost. */
export interface ToldCost {
  readonly cost: number;
  readonly limit: number;
}

/** An operation whose cost is known before it runs. */
export interface Priced {
  readonly told: ToldCost | null;
  /** @throws GraphQLError LIMIT_EXCEEDED, with the dearest field */
  check(): void;
  /** A new budget for one answer. */
  budget(): Budget;
}

/** An operation of a schema without prices. */
export const UNPRICED: Priced = { told: null, check: () => undefined, budget: unlimited };

/** Holds what an operation costs against a limit; what is found as it runs may make the answer cost the most. */
export function priced(
  found: OperationCost,
  { limit, most }: { readonly limit: number; readonly most: number },
): Priced {
  const told = { cost: found.total, limit };
  return {
    told,
    check() {
      if (found.total > limit) throw tooDear(found, told);
    },
    budget: () =>
      new Budget({ limit: most, allowance: most - found.total, itemCost: (list) => found.itemCost(list) }),
  };
}

function tooDear(found: OperationCost, told: ToldCost) {
  const { path, cost } = found.dearest();
  const share = Math.round((100 * cost) / told.cost);
  return wireError(
    'LIMIT_EXCEEDED',
    `The operation costs ${told.cost}, more than the limit of ${told.limit}. The dearest field is ${path}: ${cost}, ` +
      `${share} % of it. Ask for fewer items with \`first\`, leave that field out, or send several operations.`,
    { cost: told, dearest: { path, cost } },
  );
}

/** An answer with its cost; how it ended makes no difference. */
export function withCost(answer: ExecutionResult, cost: ToldCost | null): ExecutionResult {
  return cost === null ? answer : { ...answer, extensions: { ...answer.extensions, cost } };
}
