// graphql/ holds THE API: one file per feature, with its types, fields and root fields. A resolver parses, calls a use
// case or reads through Prisma, and returns. No rule lives here, and nothing here knows HTTP or sockets.
import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import type PrismaTypes from '../generated/pothos.ts';
import { getDatamodel } from '../generated/pothos.ts';
import type { Context } from './context.ts';
import { UNDECLARED } from './prices.ts';

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
  // Prices are declared with fields and added up by operation-cost.ts, which knows pages and names the dearest field.
  complexity: { defaultComplexity: 1, defaultListMultiplier: UNDECLARED },
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
