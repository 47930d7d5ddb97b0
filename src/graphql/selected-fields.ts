import {
  Kind,
  valueFromAST,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type DocumentNode,
  type SelectionNode,
  type SelectionSetNode,
  isAbstractType,
} from 'graphql';

/** Fields of one object under the name that they have in the answer: what is selected twice is answered once. */
export type SelectedFields = ReadonlyMap<string, readonly FieldNode[]>;

/** An operation with what its selections depend on. */
export class Selections {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #variables: Readonly<Record<string, unknown>>;
  #usesVariables = false;

  constructor(
    schema: GraphQLSchema,
    { definitions }: DocumentNode,
    { variableDefinitions = [] }: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
  ) {
    this.#schema = schema;
    const fragments = definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(
      fragments.map((fragment) => [(fragment as FragmentDefinitionNode).name.value, fragment as never]),
    );
    const defaults = variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue?.kind === Kind.INT || defaultValue?.kind === Kind.BOOLEAN
        ? [[variable.name.value, valueOf(defaultValue)] as const]
        : [],
    );
    this.#variables = { ...Object.fromEntries(defaults), ...variables };
  }

  /** Whether anything that was looked at depends on variables. */
  get usesVariables(): boolean {
    return this.#usesVariables;
  }

  /** What is selected of an object of a type, by all of these selection sets together. */
  of(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): SelectedFields {
    const fields = new Map<string, FieldNode[]>();
    const seen = new Set<string>();
    const collect = (set: SelectionSetNode): void => {
      for (const selection of set.selections) {
        if (!this.#isIncluded(selection)) continue;
        if (selection.kind === Kind.FIELD) {
          const key = selection.alias?.value ?? selection.name.value;
          fields.set(key, [...(fields.get(key) ?? []), selection]);
          continue;
        }
        const spread = selection.kind === Kind.FRAGMENT_SPREAD;
        if (spread && seen.has(selection.name.value)) continue;
        if (spread) seen.add(selection.name.value);
        const fragment = spread ? this.#fragments.get(selection.name.value) : selection;
        if (fragment !== undefined && this.#applies(fragment.typeCondition?.name.value, type))
          collect(fragment.selectionSet);
      }
    };
    sets.forEach(collect);
    return fields;
  }

  /** The arguments of a field; what is no value of its type is left out, since execution refuses it. */
  argumentsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): Record<string, unknown> {
    const given = new Map((node.arguments ?? []).map(({ name, value }) => [name.value, value]));
    return Object.fromEntries(
      field.args.map(({ name, type, defaultValue }) => {
        const value = given.get(name);
        if (value === undefined) return [name, defaultValue];
        if (value.kind !== Kind.VARIABLE) return [name, valueFromAST(value, type, this.#variables)];
        this.#usesVariables = true;
        return [name, this.#variables[value.name.value] ?? defaultValue];
      }),
    );
  }

  #applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const named = this.#schema.getType(condition);
    return isAbstractType(named) && this.#schema.isSubType(named, type);
  }

  #isIncluded({ directives = [] }: SelectionNode): boolean {
    return directives.every(({ name, arguments: [condition] = [] }) => {
      if (name.value !== 'skip' && name.value !== 'include') return true;
      return this.#isTrue(condition?.value) === (name.value === 'include');
    });
  }

  #isTrue(value: SelectionValue): boolean {
    if (value?.kind !== Kind.VARIABLE) return value?.kind === Kind.BOOLEAN && value.value;
    this.#usesVariables = true;
    return this.#variables[value.name.value] === true;
  }
}

type SelectionValue = NonNullable<FieldNode['arguments']>[number]['value'] | undefined;

function valueOf(node: { readonly kind: Kind; readonly value: string | boolean }): number | boolean {
  return node.kind === Kind.INT ? Number(node.value) : Boolean(node.value);
}
