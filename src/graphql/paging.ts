import type { ObjectRef } from '@pothos/core';
import { queryFromInfo } from '@pothos/plugin-prisma';
import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import { badInput } from './bad-input.ts';
import { builder } from './builder.ts';
import { PRICES } from './prices.ts';

const MOST = 100;
const DEFAULT = 25;

/** A page of rows, ready to be shown as a Relay connection. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly cursorOf: (row: Row) => string;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  /** Counted only when asked for. */
  readonly totalCount: () => Promise<number>;
}

/** The arguments of every connection. */
export const PAGE_ARGS = builder.args((t) => ({
  first: t.int({ defaultValue: DEFAULT, description: 'How many to give: 0 to 100.' }),
  after: t.string({ description: 'The cursor of the last one that was given before.' }),
}));

type SchemaTypesOf<Builder> = Builder extends PothosSchemaTypes.SchemaBuilder<infer Types> ? Types : never;

/** What a connection costs: its items as often as `first` says, by whatever value it has; a bad one is refused later. */
export function pageCost({ first }: { readonly first?: number | null | undefined }) {
  const asked = typeof first === 'number' && Number.isFinite(first) ? first : DEFAULT;
  return { field: PRICES.page, multiplier: Math.min(Math.max(asked, 0), MOST) };
}

/** The number of rows to give. */
export function pageSize(first: number | null | undefined): number {
  const size = first ?? DEFAULT;
  if (size >= 0 && size <= MOST) return size;
  throw badInput(`first is ${size}; ask for 0 to ${MOST}.`);
}

/** What the items of a connection need of Prisma, and the columns that their cursors need. */
export function nodesQuery(
  context: object,
  info: GraphQLResolveInfo,
  select?: Readonly<Record<string, true>>,
): object {
  const columns = select === undefined ? {} : { select };
  return queryFromInfo({ context, info, ...columns, paths: [['nodes'], ['edges', 'node']] });
}

/** A page from rows that were read with one more than asked, which tells whether there is a next page. */
export function pageOf<Row>(
  found: readonly Row[],
  page: { readonly first: number; readonly after: string | null | undefined } & Pick<
    Page<Row>,
    'cursorOf' | 'totalCount'
  >,
): Page<Row> {
  const { first, after, cursorOf, totalCount } = page;
  const rows = found.slice(0, first);
  return { rows, cursorOf, totalCount, hasNextPage: found.length > first, hasPreviousPage: Boolean(after) };
}

/** The cursor of a position in an ordered list. */
export function writePosition(position: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/**
 * The position that a cursor of a list names.
 * @throws GraphQLError INVALID_CURSOR unless it was given by a list of the same name.
 */
export function readPosition(
  cursor: string,
  name: string,
  length: number,
): readonly (string | number | null)[] {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(position) && position[0] === name && position.length === length + 1)
      return position.slice(1) as (string | number | null)[];
  } catch {
    // Not JSON: refused below.
  }
  throw invalidCursor('The cursor was not given by this list in this order.');
}

/** The error for a cursor that this API did not give here. */
export function invalidCursor(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'INVALID_CURSOR' } });
}

/** The connection type of a list, with its edges. `Item` is what its items have of a row for certain. */
export function connectionType<
  Row extends Item,
  Shown extends Page<Row> = Page<Row>,
  Item extends object = Row,
>(name: string, node: ObjectRef<SchemaTypesOf<typeof builder>, Item>, what: string) {
  const edge = builder.objectRef<{ readonly node: Row; readonly cursor: string }>(`${name}Edge`).implement({
    description: `One of the ${what}, with its cursor.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'Its place in this list.' }),
      node: t.field({ type: node, description: 'The item itself.', resolve: (each) => each.node as never }),
    }),
  });
  return builder.objectRef<Shown>(`${name}Connection`).implement({
    description: `A page of ${what}.`,
    fields: (t) => ({
      nodes: t.field({
        type: [node],
        complexity: PRICES.item,
        description: 'The items of the page.',
        resolve: (page) => page.rows as never,
      }),
      edges: t.field({
        type: [edge],
        complexity: PRICES.item,
        description: 'The items with their cursors.',
        resolve: (page) => page.rows.map((row) => ({ node: row, cursor: page.cursorOf(row) })),
      }),
      pageInfo: t.field({
        type: builder.pageInfoRef(),
        description: 'Where the page ends.',
        complexity: 0,
        resolve: ({ rows, cursorOf, hasNextPage, hasPreviousPage }) => {
          const [start, end] = [rows.at(0), rows.at(-1)];
          return {
            hasNextPage,
            hasPreviousPage,
            startCursor: start === undefined ? null : cursorOf(start),
            endCursor: end === undefined ? null : cursorOf(end),
          };
        },
      }),
      totalCount: t.int({
        description: 'How many there are in all; counted only when asked for.',
        complexity: PRICES.count,
        resolve: (page) => page.totalCount(),
      }),
    }),
  });
}
