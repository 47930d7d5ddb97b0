import { GraphQLError } from 'graphql';

/** The error for a field that the caller has no right to read: says who has. */
export function forbidden(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } });
}
