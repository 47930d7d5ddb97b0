import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
  type GraphQLObjectType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { assertRootRights, ROOT_RIGHTS, rootFields } from '../../src/graphql/root-rights.ts';
import { createSchema } from '../../src/graphql/schema.ts';

const schema = createSchema();
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type) && type.name !== 'PageInfo',
);

/** Types among which one selection can ask for one field. */
const together: (readonly [string, readonly GraphQLObjectType[]])[] = types.flatMap((type) =>
  isUnionType(type) || (isInterfaceType(type) && type.name !== 'Node')
    ? [[type.name, schema.getPossibleTypes(type)] as const]
    : [],
);

describe('within an interface or union', () => {
  test.each(together)('%s, one field name has one type', (_, members) => {
    const fields = members.flatMap((type) => Object.values(type.getFields()));
    const found = new Map<string, Set<string>>();
    for (const { name, type } of fields) found.set(name, (found.get(name) ?? new Set()).add(String(type)));
    expect([...found].filter(([, spellings]) => spellings.size > 1)).toEqual([]);
  });
});

test('everything that a client can name has a description, but Relay’s own PageInfo', () => {
  const without = types.flatMap((type) => {
    const fields =
      isObjectType(type) || isInterfaceType(type)
        ? Object.values(type.getFields()).flatMap((field) => [field, ...field.args])
        : isInputObjectType(type)
          ? Object.values(type.getFields())
          : isEnumType(type)
            ? type.getValues()
            : [];
    return [type, ...fields]
      .filter(({ description }) => !description)
      .map(({ name }) => `${type.name}.${name}`);
  });
  expect(without).toEqual([]);
});

describe('root fields', () => {
  test('state their rights, each and no other', () => {
    expect(Object.keys(ROOT_RIGHTS).sort()).toEqual([...rootFields(schema)].sort());
  });

  test('without a right make no schema', () => {
    const more = { getQueryType: () => ({ name: 'Query', getFields: () => ({ secret: {} }) }) };
    const others = { getMutationType: () => null, getSubscriptionType: () => null };
    expect(() => {
      assertRootRights({ ...more, ...others } as never);
    }).toThrow('Query.secret');
  });
});

test('every mutation answers a union in which every member but the outcome is an error with code and message', () => {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const union = schema.getType(`${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}Result`);
    if (!isUnionType(union)) throw new Error(`${field.name} answers no union.`);
    expect(String(field.type)).toBe(`${union.name}!`);
    const errors = union.getTypes().filter((type) => type.name.endsWith('Error'));
    expect(errors.length).toBeGreaterThan(2);
    for (const error of errors) expect(error.getInterfaces().map(({ name }) => name)).toEqual(['UserError']);
  }
});
