import { KnownError } from '../governance/known-error.ts';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse, Source, validate, type GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { decodedText, NotTextError } from '../governance/decoded-text.ts';
import { principalOf, type CallerContext } from './access/caller.ts';
import { wireError } from './wire-codes.ts';

const SHA_256 = /^[0-9a-f]{64}$/;

/** The file of persisted operations can't be used; every problem names the operation by its hash. */
export class PersistedOperationsError extends KnownError {
  override readonly name = 'PersistedOperationsError';
  readonly code = 'PERSISTED_OPERATIONS';
  readonly retryable = false;
  constructor(
    file: string,
    readonly problems: readonly string[],
  ) {
    super(`The persisted operations of ${file} can't be used: ${problems.join('; ')}.`);
  }
}

/** What names an operation: its text, or its hash as Apollo and urql send it. */
export interface NamedOperation {
  readonly query?: string | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The operations that everybody but admins is held to, by the SHA-256 of their text: over HTTP, WebSocket and SSE. */
export class PersistedOperations {
  readonly #byHash: ReadonlyMap<string, string>;

  constructor(byHash: ReadonlyMap<string, string>) {
    this.#byHash = byHash;
  }

  /**
   * The text of what was named by its hash alone; undefined if nothing was.
   * @throws GraphQLError BAD_USER_INPUT
   */
  textOf({ query, extensions }: NamedOperation): string | undefined {
    const named = extensions?.persistedQuery;
    if (typeof query === 'string' && query !== '') return undefined;
    if (named === null || typeof named !== 'object' || !('sha256Hash' in named)) return undefined;
    const text = typeof named.sha256Hash === 'string' ? this.#byHash.get(named.sha256Hash) : undefined;
    if (text === undefined)
      throw wireError('BAD_USER_INPUT', 'No persisted operation has this sha256Hash. Ask whoever runs this.');
    return text;
  }

  /** Fetches over HTTP what is named by its hash; refuses, over whatever an operation comes, what is not persisted. */
  plugin(): Plugin<CallerContext> {
    return {
      onParams: ({ params, setParams }) => {
        const query = this.textOf(params);
        if (query !== undefined) setParams({ ...params, query });
      },
      onParse: ({ params: { source }, context }) => {
        const text = textOfSource(source);
        if (this.#byHash.has(sha256(text)) || principalOf(context.caller).roles.includes('ADMIN')) return;
        throw wireError(
          'FORBIDDEN',
          'Only persisted operations are answered here: send extensions.persistedQuery.sha256Hash, or exactly the text of one.',
        );
      },
    };
  }
}

/**
 * Reads a JSON object of operations by the SHA-256 of their text, in hex.
 * @throws PersistedOperationsError
 */
export async function readPersistedOperations(
  file: string,
  schema: GraphQLSchema,
): Promise<PersistedOperations> {
  const entries = Object.entries(await readObject(file));
  const problems = entries.flatMap(([hash, text]) => problemOf(hash, text, schema));
  if (problems.length > 0) throw new PersistedOperationsError(file, problems);
  return new PersistedOperations(new Map(entries.map(([hash, text]) => [hash, String(text)])));
}

async function readObject(file: string): Promise<object> {
  let found: unknown;
  try {
    found = JSON.parse(decodedText(await readFile(file)));
  } catch (error) {
    if (error instanceof NotTextError) throw new PersistedOperationsError(file, [`it ${error.message}`]);
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    const problem = error instanceof SyntaxError ? 'it is not JSON' : `it can't be read${code}`;
    throw new PersistedOperationsError(file, [problem]);
  }
  if (found !== null && typeof found === 'object' && !Array.isArray(found)) return found;
  throw new PersistedOperationsError(file, ['it must be an object of operations by their SHA-256']);
}

function problemOf(hash: string, text: unknown, schema: GraphQLSchema): readonly string[] {
  if (!SHA_256.test(hash)) return [`${JSON.stringify(hash)} is not 64 hex digits, in small letters`];
  if (typeof text !== 'string') return [`${hash} must be the text of an operation`];
  if (sha256(text) !== hash) return [`${hash} is not the SHA-256 of its text, which is ${sha256(text)}`];
  try {
    return validate(schema, parse(text)).map(({ message }) => `${hash}: ${message}`);
  } catch (error) {
    return [`${hash}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Yoga leaves it untyped: a text, or GraphQL's Source of one. */
function textOfSource(source: unknown): string {
  return source instanceof Source ? source.body : String(source);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
