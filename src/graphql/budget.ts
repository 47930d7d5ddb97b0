import { GraphQLError, type FieldNode } from 'graphql';

/** How an operation was priced, as far as its answer is held to it. */
export interface BudgetTerms {
  /** How many units the answer may cost beyond its price. */
  readonly allowance: number;
  readonly limit: number;
  /** What one more item of a list costs, in units, by the selection that asks for the list. */
  readonly itemCost: (list: FieldNode) => number;
}

/**
 * What an answer may cost beyond the price that its operation had before it ran. Lists without an argument `first` have a price
 * for the size that they usually have; whatever is longer, and every row that is only counted, is charged as it is found.
 */
export class Budget {
  readonly #terms: BudgetTerms;
  #left: number;

  constructor(terms: BudgetTerms) {
    this.#terms = terms;
    this.#left = terms.allowance;
  }

  /**
   * Charges what has been done already.
   * @throws GraphQLError LIMIT_EXCEEDED if more than everything had been spent before
   */
  spend(units: number, what: string): void {
    if (this.#left < 0) throw this.#exceeded(what);
    this.#left -= units;
  }

  /**
   * Charges what would be done next.
   * @throws GraphQLError LIMIT_EXCEEDED if there is not enough for it
   */
  reserve(units: number, what: string): void {
    if (units <= 0) return;
    if (this.#left < units) throw this.#exceeded(what);
    this.#left -= units;
  }

  /**
   * Charges items that a list has beyond the size it was priced for.
   * @throws GraphQLError LIMIT_EXCEEDED
   */
  items(list: FieldNode, more: number): void {
    this.reserve(more * this.#terms.itemCost(list), list.name.value);
  }

  #exceeded(what: string): GraphQLError {
    const { limit } = this.#terms;
    return new GraphQLError(
      `The answer would cost more than the limit of ${limit}, because of what there is in \`${what}\`: ask for fewer items at a ` +
        'time with `first`, or send several operations.',
      { extensions: { code: 'LIMIT_EXCEEDED' } },
    );
  }
}

/** A budget for whoever is not held to one, such as the command line on its own database. */
export function unlimited(): Budget {
  return new Budget({ allowance: Infinity, limit: Infinity, itemCost: () => 0 });
}
