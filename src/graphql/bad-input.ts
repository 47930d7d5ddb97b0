import { GraphQLError } from 'graphql';

const MOST_VALUES = 500;
const MOST_CHARACTERS = 200;

/** The error for an argument that can't be used: says what it is and what to ask for. */
export function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/**
 * A list of a filter, of a length and with values that a statement can hold.
 * @throws GraphQLError BAD_USER_INPUT
 */
export function listOf<Value extends string>(list: readonly Value[], name: string): Value[] {
  if (list.length > MOST_VALUES)
    throw badInput(`${name} has ${list.length} values; at most ${MOST_VALUES} are taken.`);
  return list.map((value) => textOf(value, name));
}

/**
 * A text of a filter, of a length that a statement can hold.
 * @throws GraphQLError BAD_USER_INPUT
 */
export function textOf<Value extends string>(value: Value, name: string): Value {
  // A character is a code point, of which no text has more than units.
  const characters = value.length <= MOST_CHARACTERS ? value.length : Array.from(value).length;
  if (characters <= MOST_CHARACTERS) return value;
  throw badInput(`${name} has a value of ${characters} characters; at most ${MOST_CHARACTERS} are taken.`);
}

/**
 * A whole filter, each text and each list of which is of a length that can be compared with every event.
 * @throws GraphQLError BAD_USER_INPUT
 */
export function filterOf<Filter extends object>(filter: Filter): Filter {
  for (const [name, value] of Object.entries(filter) as [string, unknown][]) {
    if (typeof value === 'string') textOf(value, name);
    else if (Array.isArray(value)) listOf(value.map(String), name);
  }
  return filter;
}
