import {
  defaultFieldResolver,
  getNullableType,
  isListType,
  isObjectType,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from 'graphql';
import type { Context } from './context.ts';

/** Has every list that has a price for some size charge what it is longer than that. */
export function holdLists(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const declared: unknown = field.extensions.complexity;
      if (!isListType(getNullableType(field.type)) || !isSized(declared)) continue;
      field.resolve = held(declared.multiplier, field.resolve ?? defaultFieldResolver);
    }
  }
}

function held(
  size: number,
  resolve: GraphQLFieldResolver<unknown, Context>,
): GraphQLFieldResolver<unknown, Context> {
  return (root, args: Record<string, unknown>, context, info) => {
    const list: unknown = resolve(root, args, context, info);
    if (list instanceof Promise)
      return list.then((found: unknown) => charged(found, { size, context, info }));
    return charged(list, { size, context, info });
  };
}

function charged(
  list: unknown,
  at: { readonly size: number; readonly context: Context; readonly info: GraphQLResolveInfo },
): unknown {
  const { size, context, info } = at;
  const [node] = info.fieldNodes;
  if (Array.isArray(list) && list.length > size && node !== undefined)
    context.budget.items(node, list.length - size);
  return list;
}

function isSized(declared: unknown): declared is { readonly multiplier: number } {
  return (
    typeof declared === 'object' &&
    declared !== null &&
    'multiplier' in declared &&
    typeof declared.multiplier === 'number'
  );
}
