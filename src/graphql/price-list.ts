import {
  getNamedType,
  getNullableType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { PRICES, UNDECLARED } from './prices.ts';

/** A field that is dear, or a list. */
export interface ListedPrice {
  /** Such as `Agent.evaluation`. */
  readonly field: string;
  /** What it costs, in words: `60`, or `15 and 10 times what is selected of its items`. */
  readonly costs: string;
}

type Declared = number | { readonly field?: number; readonly multiplier?: number } | undefined;

/** Every field that costs more than a plain one, in alphabetical order; those of an interface once, as its own. */
export function priceList(schema: GraphQLSchema): readonly ListedPrice[] {
  return pricedFields(schema)
    .filter(([type, { name }]) => !type.getInterfaces().some((shared) => name in shared.getFields()))
    .map(([type, field]) => ({ field: `${type.name}.${field.name}`, costs: costsOf(field) }))
    .filter((each): each is ListedPrice => each.costs !== null)
    .sort((one, other) => (one.field < other.field ? -1 : 1));
}

/** Says in the description of each dear field what it costs. */
export function describePrices(schema: GraphQLSchema): void {
  for (const [, field] of pricedFields(schema)) {
    const costs = costsOf(field);
    if (costs !== null) field.description = `${field.description ?? ''} Costs ${costs}.`;
  }
}

/**
 * Refuses a schema with a list of objects whose size nobody declared.
 * @throws Error, when the schema is made
 */
export function assertPriced(schema: GraphQLSchema): void {
  const without = pricedFields(schema).filter(([, { extensions }]) => {
    const declared = extensions.complexity as Declared;
    return typeof declared === 'object' && declared.multiplier === UNDECLARED;
  });
  if (without.length > 0)
    throw new Error(
      `These lists declare no size: ${without.map(([type, { name }]) => `${type.name}.${name}`).join(', ')}.`,
    );
}

type Field = GraphQLField<unknown, unknown>;
type Fielded = GraphQLObjectType | GraphQLInterfaceType;

function pricedFields(schema: GraphQLSchema): readonly (readonly [Fielded, Field])[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => Object.values(type.getFields()).map((field) => [type, field] as const));
}

function costsOf({ extensions, type, args }: Field): string | null {
  const declared = extensions.complexity as Declared | ((asked: object) => Declared);
  const isList = isListType(getNullableType(type));
  if (typeof declared === 'function')
    return args.some(({ name }) => name === 'first')
      ? `${PRICES.page} and \`first\` times what is selected of its items`
      : `${PRICES.activity} and ${PRICES.activityDay} for each of \`days\``;
  // A list of plain values costs what its field does.
  const { field: own = 1, multiplier = 1 } =
    typeof declared === 'object' ? declared : { field: declared ?? 1 };
  if (typeof declared === 'object' && !isLeafType(getNamedType(type)))
    return `${own} and ${multiplier} times what is selected of its items`;
  if (own <= 1) return null;
  return typeof declared === 'number' && isList ? `${own} for each item` : String(own);
}
