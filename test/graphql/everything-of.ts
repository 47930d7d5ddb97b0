import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
} from 'graphql';

/** A selection of every field of a type that needs no argument, and of what is below it, so many levels deep. */
export function everythingOf(schema: GraphQLSchema, type: GraphQLCompositeType, levels: number): string {
  const own = isUnionType(type) ? [] : fieldsOf(schema, Object.values(type.getFields()), levels);
  const members = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
  const shared = isInterfaceType(type) ? Object.keys(type.getFields()) : [];
  const fragments = members.map((member) => {
    const more = Object.values(member.getFields()).filter(({ name }) => !shared.includes(name));
    return `... on ${member.name} { __typename ${fieldsOf(schema, more, levels).join(' ')} }`;
  });
  return `{ __typename ${[...own, ...fragments].join(' ')} }`;
}

type Field = GraphQLField<unknown, unknown>;

function fieldsOf(schema: GraphQLSchema, fields: readonly Field[], levels: number): readonly string[] {
  return fields.flatMap((field) => {
    if (field.args.some(({ type }) => isNonNullType(type))) return [];
    const type = getNamedType(field.type);
    if (!isCompositeType(type)) return [field.name];
    return levels === 0 ? [] : [`${field.name} ${everythingOf(schema, type, levels - 1)}`];
  });
}

/** A type of a schema by its name. */
export function objectType(schema: GraphQLSchema, name: string): GraphQLCompositeType {
  const type = schema.getType(name);
  if (isObjectType(type)) return type;
  throw new Error(`The schema has no type ${name}.`);
}
