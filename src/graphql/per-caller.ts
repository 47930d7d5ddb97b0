import {
  getNamedType,
  isInputObjectType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLInputFieldMap,
  type GraphQLInputType,
  type GraphQLSchema,
  type ObjectFieldNode,
} from 'graphql';

/** Marks a field or an input field whose answer depends on the caller itself, and not only on the agents that it sees. */
export const PER_CALLER = { perCaller: true } as const;

type Marked = { readonly extensions: object } | null | undefined;

const isMarked = (element: Marked) => element != null && 'perCaller' in element.extensions;

/**
 * Whether two callers that see the same agents may be answered otherwise: the document selects a marked field, or gives a marked
 * input field, in its text or by a variable whose type has one.
 */
export function dependsOnCaller(document: DocumentNode, schema: GraphQLSchema): boolean {
  const types = new TypeInfo(schema);
  let depends = false;
  const look = (element: Marked) => {
    if (isMarked(element)) depends = true;
  };
  const looking = {
    Field: () => look(types.getFieldDef()),
    Argument: () => look(types.getArgument()),
    ObjectField: ({ name }: ObjectFieldNode) => {
      look(fieldsOf(types.getParentInputType())[name.value]);
    },
    VariableDefinition: () => {
      if (takesMarked(types.getInputType())) depends = true;
    },
  };
  visit(document, visitWithTypeInfo(types, looking));
  return depends;
}

/** Whether a value of an input type may give a marked input field, however deep. */
function takesMarked(
  type: GraphQLInputType | null | undefined,
  seen: ReadonlySet<string> = new Set(),
): boolean {
  const name = type == null ? '' : getNamedType(type).name;
  if (seen.has(name)) return false;
  const within = new Set([...seen, name]);
  return Object.values(fieldsOf(type)).some((field) => isMarked(field) || takesMarked(field.type, within));
}

function fieldsOf(type: GraphQLInputType | null | undefined): GraphQLInputFieldMap {
  const named = getNamedType(type);
  return isInputObjectType(named) ? named.getFields() : {};
}
