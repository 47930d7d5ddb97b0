import {
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  parse,
  type GraphQLField,
  type GraphQLInputField,
} from 'graphql';
import { expect, it, test } from 'vitest';
import { dependsOnCaller } from '../../src/graphql/per-caller.ts';
import { createSchema } from '../../src/graphql/schema.ts';

const schema = createSchema();
const isPerCaller = (text: string) => dependsOnCaller(parse(text), schema);

test('every field and input field whose name begins with “viewer” is marked as depending on the caller', () => {
  const fields = Object.values(schema.getTypeMap()).flatMap(
    (type): readonly { readonly name: string; readonly extensions: { readonly perCaller?: unknown } }[] =>
      isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
        ? Object.values<GraphQLField<unknown, unknown> | GraphQLInputField>(type.getFields())
        : [],
  );
  const named = fields.filter(({ name }) => name.startsWith('viewer'));
  expect(named.map(({ name }) => name).sort()).toEqual([
    'viewer',
    'viewerCan',
    'viewerCanPromote',
    'viewerCanPromote',
    'viewerCannotPromoteReasons',
  ]);
  expect(named.filter(({ extensions }) => extensions.perCaller !== true)).toEqual([]);
});

it.each([
  ['a marked field under an alias', '{ agents { nodes { mine: viewerCan } } }'],
  ['a marked field in a fragment', '{ agents { nodes { ...A } } } fragment A on Agent { viewerCanPromote }'],
  ['a marked field of an event', 'subscription { ledgerAppended { entry { agent { viewerCan } } } }'],
  ['a marked root field', '{ me: viewer { id } }'],
  ['a marked input field in the text', '{ agents(filter: { viewerCanPromote: true }) { totalCount } }'],
  [
    'a marked input field by a variable of its type',
    'query ($filter: AgentFilter) { agents(filter: $filter) { totalCount } }',
  ],
])('depends on the caller if it asks for %s', (_what, text) => {
  expect(isPerCaller(text)).toBe(true);
});

it.each([
  ['a mere alias of that name', '{ agents { nodes { viewerCan: agentId } } }'],
  ['a text with that word', '{ agents(filter: { search: "viewerCan" }) { totalCount } }'],
  ['other fields', 'subscription ($after: String) { ledgerAppended(after: $after) { cursor } }'],
])('depends on no caller if it asks for %s', (_what, text) => {
  expect(isPerCaller(text)).toBe(false);
});
