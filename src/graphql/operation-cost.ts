import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isListType,
  isObjectType,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { introspectionPrice } from './introspection-price.ts';
import type { Price } from './prices.ts';
import { Selections } from './selected-fields.ts';

/** An operation of a document, and the variables as they arrived. */
export interface PricedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The dearest part of an operation: an object or list with the plain fields of it that are asked for. */
export interface Dearest {
  /** Its path in the answer, without indexes: `agents.nodes.evaluation`. */
  readonly path: string;
  readonly cost: number;
}

/** What an operation costs, in units of about 2 µs, and what makes it dear. */
export interface OperationCost {
  readonly total: number;
  dearest(): Dearest;
  /** What one item of a list costs, by the first selection that asks for the list; 1 for one that was not priced. */
  itemCost(list: FieldNode): number;
}

type Field = GraphQLField<unknown, unknown>;
type Declared = number | Partial<Price> | ((args: object) => number | Partial<Price>) | undefined;

/**
 * Prices operations by what their answers cost the server at most, before they run. Lists have the size that their argument
 * `first` or their field declares. Of the types that an object can have, the dearest one counts; what is selected twice
 * counts once; what `@skip` and `@include` leave out does not count.
 */
export function operationCost(schema: GraphQLSchema): (operation: PricedOperation) => OperationCost {
  const known = new WeakMap<OperationDefinitionNode, OperationCost>();
  return (priced) => {
    const found = known.get(priced.operation);
    if (found !== undefined) return found;
    const pricing = new Pricing(schema, priced);
    const cost: OperationCost = {
      total: pricing.total,
      dearest: () => pricing.dearest(),
      itemCost: (list) => pricing.itemCost(list),
    };
    if (!pricing.usesVariables) known.set(priced.operation, cost);
    return cost;
  };
}

/** One selection: fields of an answer that lie beside each other. */
interface Selected {
  readonly type: GraphQLNamedType;
  readonly sets: readonly SelectionSetNode[];
  /** How many items a page has whose lists this selects. */
  readonly page: number;
}

class Pricing {
  readonly total: number;
  readonly #schema: GraphQLSchema;
  readonly #selections: Selections;
  readonly #root: Selected;
  readonly #costs = new Map<string, number>();
  readonly #numbers = new Map<SelectionSetNode, number>();
  readonly #items = new Map<FieldNode, number>();

  constructor(schema: GraphQLSchema, { document, operation, variables }: PricedOperation) {
    this.#schema = schema;
    this.#selections = new Selections(schema, document, operation, variables);
    const type = schema.getRootType(operation.operation);
    if (type == null) throw new Error(`The schema has no ${operation.operation}.`);
    this.#root = { type, sets: [operation.selectionSet], page: 1 };
    this.total = this.#costOf(this.#root);
  }

  get usesVariables(): boolean {
    return this.#selections.usesVariables;
  }

  itemCost(list: FieldNode): number {
    return 1 + (this.#items.get(list) ?? 0);
  }

  dearest(): Dearest {
    const parts = new Map<string, number>();
    this.#split(this.#root, { path: '', times: 1, parts });
    const [path, cost] = [...parts].reduce((most, each) => (each[1] > most[1] ? each : most));
    return { path, cost };
  }

  #costOf(selected: Selected): number {
    const key = this.#keyOf(selected);
    const found = this.#costs.get(key);
    if (found !== undefined) return found;
    const cost = isAbstractType(selected.type)
      ? this.#costOf(this.#dearestType(selected))
      : this.#fieldsOf(selected).reduce(
          (sum, [, field, nodes]) => sum + this.#fieldCost(field, nodes, selected.page),
          0,
        );
    this.#costs.set(key, cost);
    return cost;
  }

  #fieldCost(field: Field, nodes: readonly FieldNode[], page: number): number {
    const { price, times, below } = this.#priced(field, nodes, page);
    if (below === null) return price;
    const item = this.#costOf(below);
    const [node] = nodes;
    if (node !== undefined) this.#items.set(node, Math.max(item, this.#items.get(node) ?? 0));
    return price + times * item;
  }

  /** A field's own price, how often what is below it is answered, and that. */
  #priced(field: Field, nodes: readonly FieldNode[], page: number) {
    const { field: own, multiplier } = this.#priceOf(field, nodes);
    const isList = isListType(getNullableType(field.type));
    const times = isList ? (multiplier ?? page) : 1;
    // A list of a page has no price but that of its items.
    const price = isList && multiplier === undefined ? own * times : own;
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const type = getNamedType(field.type);
    const below = sets.length === 0 ? null : { type, sets, page: isList ? 1 : (multiplier ?? 1) };
    return { price, times, below };
  }

  #priceOf(field: Field, nodes: readonly FieldNode[]): Price {
    const declared = (field.extensions.complexity as Declared) ?? introspectionPrice(this.#schema, field);
    const [node] = nodes;
    const price =
      typeof declared === 'function' && node !== undefined
        ? declared(this.#selections.argumentsOf(field, node))
        : declared;
    if (typeof price === 'number') return { field: price };
    if (typeof price === 'object') return { field: price.field ?? 1, multiplier: price.multiplier };
    return { field: 1 };
  }

  #fieldsOf({ type, sets }: Selected): readonly (readonly [string, Field, readonly FieldNode[]])[] {
    if (!isObjectType(type)) return [];
    return [...this.#selections.of(type, sets)].flatMap(([key, nodes]) => {
      const field = this.#fieldNamed(type, nodes[0]?.name.value ?? '');
      return field === undefined ? [] : [[key, field, nodes] as const];
    });
  }

  #fieldNamed(type: GraphQLObjectType, name: string): Field | undefined {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
    return type.getFields()[name];
  }

  #dearestType({ type, ...rest }: Selected): Selected {
    const types = isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [];
    const each = types.map((possible) => ({ ...rest, type: possible }));
    return each.reduce((most, next) => (this.#costOf(next) > this.#costOf(most) ? next : most));
  }

  /** Adds to each part what its field and the plain fields of it cost in the whole answer. */
  #split(
    selected: Selected,
    at: { readonly path: string; readonly times: number; readonly parts: Map<string, number> },
  ): void {
    const { path, times, parts } = at;
    if (isAbstractType(selected.type)) {
      this.#split(this.#dearestType(selected), at);
      return;
    }
    for (const [key, field, nodes] of this.#fieldsOf(selected)) {
      const priced = this.#priced(field, nodes, selected.page);
      const own = path === '' ? key : `${path}.${key}`;
      // A plain field counts for its object, unless it is dear by itself.
      const part = priced.below === null && priced.price === 1 && path !== '' ? path : own;
      parts.set(part, (parts.get(part) ?? 0) + times * priced.price);
      if (priced.below !== null) this.#split(priced.below, { path: own, times: times * priced.times, parts });
    }
  }

  #keyOf({ type, sets, page }: Selected): string {
    const numbers = sets.map((set) => {
      const number = this.#numbers.get(set) ?? this.#numbers.size;
      this.#numbers.set(set, number);
      return number;
    });
    return `${type.name} ${page} ${numbers.join(' ')}`;
  }
}
