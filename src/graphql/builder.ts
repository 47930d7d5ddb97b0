// graphql/ holds THE API: one file per feature, with its types, fields and root fields. A resolver parses, calls a use
// case or reads through Prisma, and returns. No rule lives here, and nothing here knows HTTP or sockets.
import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import { GraphQLError } from 'graphql';
import type PrismaTypes from '../generated/pothos.ts';
import { getDatamodel } from '../generated/pothos.ts';
import type { Context } from './context.ts';

/** The cost that a document may have unless limits say otherwise. */
export const DEFAULT_COST = 5_000;

/** The one schema builder. Features add to it when they are imported. */
export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string | number | bigint };
    DateTime: { Input: number; Output: number | bigint };
    SafeInt: { Input: number; Output: number | bigint };
  };
}>({
  plugins: [ErrorsPlugin, RelayPlugin, PrismaPlugin, ComplexityPlugin],
  defaultFieldNullability: false,
  relay: {
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodeTypeOptions: { description: 'Anything that has a global id.' },
    idFieldOptions: { description: 'Global id.' },
    pageInfoTypeOptions: { description: 'Where a page ends.' },
    hasNextPageFieldOptions: { description: 'Whether there is more.' },
    hasPreviousPageFieldOptions: { description: 'Whether the page began after a cursor.' },
    startCursorFieldOptions: { description: 'The cursor of the first item; null if there is none.' },
    endCursorFieldOptions: {
      description: 'The cursor of the last item: ask for more after it; null if there is none.',
    },
  },
  prisma: {
    client: (context) => context.prisma,
    dmmf: getDatamodel(),
    onUnusedQuery: null,
  },
  complexity: {
    defaultComplexity: 1,
    defaultListMultiplier: 5,
    limit: (context) => ({ complexity: context.costLimit ?? DEFAULT_COST }),
    complexityError: (_kind, { complexity, maxComplexity }) =>
      new GraphQLError(
        `The document costs ${complexity}, more than the limit of ${maxComplexity ?? DEFAULT_COST}. Ask for fewer items (first:) or fewer fields.`,
        { extensions: { code: 'LIMIT_EXCEEDED' } },
      ),
  },
});

builder.queryType({
  description: 'Everything that can be read. Principals read what their agents patterns cover.',
});
builder.mutationType({
  description: 'The commands. Each answers a union of what it did and the errors it can be refused with.',
});
builder.subscriptionType({
  description: 'The ledger as it grows: from a cursor on, without a gap or a repetition.',
});
