import { getNullableType, isListType, isObjectType, type GraphQLField, type GraphQLSchema } from 'graphql';
import { PRICES, UNDECLARED } from './prices.ts';

/** A field that is dear, or a list. */
export interface ListedPrice {
  /** Such as `Agent.evaluation`. */
  readonly field: string;
  /** What it costs, in words: `60`, or `15 and 10 times what is selected of its items`. */
  readonly costs: string;
}

type Declared = number | { readonly field?: number; readonly multiplier?: number } | undefined;

/** Every field that costs more than a plain one, in alphabetical order. */
export function priceList(schema: GraphQLSchema): readonly ListedPrice[] {
  return objectFields(schema)
    .map(([name, field]) => ({ field: name, costs: costsOf(field) }))
    .filter((each): each is ListedPrice => each.costs !== null)
    .sort((one, other) => (one.field < other.field ? -1 : 1));
}

/** Says in the description of each dear field what it costs. */
export function describePrices(schema: GraphQLSchema): void {
  for (const [, field] of objectFields(schema)) {
    const costs = costsOf(field);
    if (costs !== null) field.description = `${field.description ?? ''} Costs ${costs}.`;
  }
}

/**
 * Refuses a schema with a list of objects whose size nobody declared.
 * @throws Error, when the schema is made
 */
export function assertPriced(schema: GraphQLSchema): void {
  const without = objectFields(schema).filter(([, { extensions }]) => {
    const declared = extensions.complexity as Declared;
    return typeof declared === 'object' && declared.multiplier === UNDECLARED;
  });
  if (without.length > 0)
    throw new Error(`These lists declare no size: ${without.map(([name]) => name).join(', ')}.`);
}

function objectFields(schema: GraphQLSchema): readonly (readonly [string, GraphQLField<unknown, unknown>])[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith('__'))
    .flatMap((type) =>
      isObjectType(type)
        ? Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field] as const)
        : [],
    );
}

function costsOf({ extensions, type, args }: GraphQLField<unknown, unknown>): string | null {
  const declared = extensions.complexity as Declared | ((asked: object) => Declared);
  const isList = isListType(getNullableType(type));
  if (typeof declared === 'function')
    return args.some(({ name }) => name === 'first')
      ? `${PRICES.page} and \`first\` times what is selected of its items`
      : `${PRICES.activity} and ${PRICES.activityDay} for each of \`days\``;
  if (typeof declared === 'object')
    return `${declared.field ?? 1} and ${declared.multiplier ?? 1} times what is selected of its items`;
  if (declared === undefined || declared <= 1) return null;
  return isList ? `${declared} for each item` : String(declared);
}
