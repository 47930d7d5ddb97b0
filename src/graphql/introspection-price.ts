import type { GraphQLField, GraphQLSchema } from 'graphql';
import type { Price } from './prices.ts';

/** How long the lists of introspection are taken for; `types` are counted. */
const LISTS: Readonly<Record<string, number>> = {
  directives: 5,
  locations: 4,
  args: 1,
  fields: 7,
  interfaces: 1,
  possibleTypes: 1,
  enumValues: 1,
  inputFields: 1,
};

/** The price of a field of the introspection system, which declares none: its lists are short but for the types. */
export function introspectionPrice(
  schema: GraphQLSchema,
  { name }: GraphQLField<unknown, unknown>,
): Price | undefined {
  if (name === 'types') return { field: 1, multiplier: Object.keys(schema.getTypeMap()).length };
  const multiplier = LISTS[name];
  return multiplier === undefined ? undefined : { field: 1, multiplier };
}
