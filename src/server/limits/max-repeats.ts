import { Kind, type ASTVisitor, type SelectionNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { CallerContext } from '../access/caller.ts';
import { wireError } from '../wire-codes.ts';

/**
 * Refuses a document that selects what stands beside it already more than `most` times in all: what merges into one field of
 * the answer costs as much to validate as an alias, and may be written without one.
 */
export function maxRepeats(most: number): Plugin<CallerContext> {
  const rule = (): ASTVisitor => {
    let repeats = 0;
    return {
      SelectionSet({ selections }) {
        repeats += selections.length - new Set(selections.map(keyOf)).size;
        if (repeats > most)
          throw wireError(
            'LIMIT_EXCEEDED',
            `Aliases limit of ${most} exceeded: so many fields may be selected again where they are selected already.`,
          );
      },
    };
  };
  return { onValidate: ({ addValidationRule }) => addValidationRule(rule) };
}

function keyOf(selection: SelectionNode): string {
  switch (selection.kind) {
    case Kind.FIELD:
      return selection.alias?.value ?? selection.name.value;
    case Kind.FRAGMENT_SPREAD:
      return `...${selection.name.value}`;
    case Kind.INLINE_FRAGMENT:
      return `... on ${selection.typeCondition?.name.value ?? ''}`;
  }
}
