import { Kind, print, visit, type DocumentNode, type ExecutionArgs } from 'graphql';
import { sightOf, type Principal } from '../../governance/principals/principal.ts';

interface Asked {
  readonly text: string;
  /** Variables that say more than where to begin. */
  readonly telling: ReadonlySet<string>;
}

const known = new WeakMap<DocumentNode, Asked>();

/**
 * What subscriptions have in common that are answered alike: the document, the variables, and what the caller may see.
 * Where to begin makes no difference to an answer. What is about the caller itself is called `viewer…` in the API: then the
 * caller is part of it too.
 */
export function shareKey(
  { document, operationName, variableValues }: ExecutionArgs,
  caller: Principal,
): string {
  const { text, telling } = askedBy(document);
  const variables = JSON.stringify(
    Object.entries(variableValues ?? {}).filter(([name]) => telling.has(name)),
  );
  const seen = `${text} ${variables}`.includes('viewer') ? caller : sightOf(caller);
  return JSON.stringify([text, operationName ?? null, variables, seen]);
}

function askedBy(document: DocumentNode): Asked {
  const found = known.get(document) ?? {
    text: document.loc?.source.body ?? print(document),
    telling: tellingVariables(document),
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
