import { Kind, print, visit, type DocumentNode, type ExecutionArgs, type GraphQLSchema } from 'graphql';
import { dependsOnCaller } from '../../graphql/per-caller.ts';
import { sightOf, type Principal } from '../../governance/principals/principal.ts';

interface Asked {
  readonly text: string;
  /** Variables that say more than where to begin. */
  readonly telling: ReadonlySet<string>;
  readonly isPerCaller: boolean;
}

const known = new WeakMap<DocumentNode, Asked>();

/**
 * The key of subscriptions that are answered alike: the document, the variables, and the agents that the caller sees. The
 * cursor to begin after makes no difference to an answer. The caller itself is part of the key where the schema marks
 * something that the document asks for as depending on it.
 */
export function shareKey(
  { schema, document, operationName, variableValues }: ExecutionArgs,
  caller: Principal,
): string {
  const { text, telling, isPerCaller } = askedBy(document, schema);
  const variables = JSON.stringify(
    Object.entries(variableValues ?? {}).filter(([name]) => telling.has(name)),
  );
  const seen = isPerCaller ? caller : sightOf(caller);
  return JSON.stringify([text, operationName ?? null, variables, seen]);
}

function askedBy(document: DocumentNode, schema: GraphQLSchema): Asked {
  const found = known.get(document) ?? {
    text: document.loc?.source.body ?? print(document),
    telling: tellingVariables(document),
    isPerCaller: dependsOnCaller(document, schema),
  };
  known.set(document, found);
  return found;
}

/**
 * Variables that are used otherwise than as the argument `after` of a root field. Whatever else was sent is not looked at:
 * nothing has checked what it is.
 */
function tellingVariables(document: DocumentNode): ReadonlySet<string> {
  const uses = new Map<string, number>();
  const resuming = new Map<string, number>();
  const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  visit(document, {
    OperationDefinition(operation) {
      for (const field of operation.selectionSet.selections)
        if (field.kind === Kind.FIELD)
          for (const { name, value } of field.arguments ?? [])
            if (name.value === 'after' && value.kind === Kind.VARIABLE) count(resuming, value.name.value);
    },
    VariableDefinition: () => false,
    Variable: ({ name }) => void count(uses, name.value),
  });
  return new Set([...uses].filter(([name, times]) => times !== resuming.get(name)).map(([name]) => name));
}
