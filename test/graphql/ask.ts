import { execute, GraphQLError, parse, validate, type DocumentNode, type ExecutionResult } from 'graphql';
import type { Engine } from '../../src/compose/engine.ts';
import type { Principal } from '../../src/governance/principals/principal.ts';

/** Values of variables. */
export type Variables = Readonly<Record<string, unknown>>;

/** An answer of the API, as a client reads it. */
export class Answer {
  readonly data: unknown;
  /** The code of each top-level error; what has none would reach a client as INTERNAL. */
  readonly codes: readonly string[];
  readonly messages: readonly string[];

  constructor({ data, errors = [] }: ExecutionResult) {
    this.data = data == null ? null : JSON.parse(JSON.stringify(data));
    this.codes = errors.map(codeOf);
    this.messages = errors.map((error) => error.message);
  }

  /** Every value at a path such as `agents.nodes.agentId`: lists on the way, and at its end, are walked. */
  all(path: string): readonly unknown[] {
    const step = (values: readonly unknown[], key: string) =>
      values.flatMap((value) => listed(valueAt(value, key)));
    return path.split('.').reduce<readonly unknown[]>(step, [this.data]);
  }

  /** The one value at a path. */
  one(path: string): unknown {
    const values = this.all(path);
    if (values.length === 1) return values[0];
    throw new Error(`${path} has ${values.length} values. ${this.#errors}`);
  }

  get #errors(): string {
    return [...this.codes, ...this.messages].join('\n');
  }

  /** The one text at a path. */
  text(path: string): string {
    const value = this.one(path);
    if (typeof value === 'string') return value;
    throw new Error(`${path} is no text but ${JSON.stringify(value)}. ${this.#errors}`);
  }
}

function valueAt(value: unknown, key: string): unknown {
  return value !== null && typeof value === 'object' ? Reflect.get(value, key) : undefined;
}

function listed(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined ? [] : [value];
}

/** A document that is valid, as the server has it before it executes; else the errors it was refused with. */
export function checked(
  { schema }: Pick<Engine, 'schema'>,
  text: string,
): DocumentNode | readonly GraphQLError[] {
  const document = parse(text);
  const errors = validate(schema, document);
  return errors.length === 0 ? document : errors;
}

/** Asks as somebody, with a context of its own, as the server does for each operation. */
export async function ask(
  engine: Engine,
  principal: Principal,
  text: string,
  variableValues: Variables = {},
): Promise<Answer> {
  const document = checked(engine, text);
  if (!('kind' in document)) return new Answer({ errors: document });
  const { schema } = engine;
  try {
    const contextValue = await engine.contextFor(principal);
    return new Answer(await execute({ schema, document, contextValue, variableValues }));
  } catch (error) {
    if (error instanceof GraphQLError) return new Answer({ errors: [error] });
    throw error;
  }
}

function codeOf(error: GraphQLError): string {
  const { code } = error.extensions;
  if (typeof code === 'string') return code;
  const original: unknown = error.originalError;
  if (!(original instanceof Error) || original instanceof GraphQLError) return 'BAD_USER_INPUT';
  const own: unknown = Reflect.get(original, 'code');
  return typeof own === 'string' ? own : `INTERNAL: ${original.stack ?? original.message}`;
}
