import { GraphQLError } from 'graphql';
import { createSchema } from 'graphql-yoga';
import { PothosValidationError } from '@pothos/core';
import { PER_CALLER } from '../../src/graphql/per-caller.ts';
import { StorageBusyError } from '../../src/app/ports/storage-errors.ts';
import type { StoredEntry } from '../../src/app/ports/ledger.ts';
import type { Operation } from '../../src/server/access/caller.ts';
import { ToyLedger, toyEntry, type ToyEntry } from './sharing/toy-ledger.ts';

interface TestContext {
  readonly operation: Operation;
}

const typeDefs = /* GraphQL */ `
  enum Colour {
    RED
    GREEN
  }
  type Query {
    hello: String!
    me: String!
    self: Query!
    bug: String
    requiredBug: String!
    refused(code: String!): String
    busy: String
    "Throws what Pothos throws."
    invalid(message: String!): String
    hang: String
    length(of: Int!): Int!
    many(of: [Int!]!): Int
    paint(colour: Colour): String
    wrongNumber: Int
  }
  type Mutation {
    bump: Int!
    hang: String
  }
  type Subscription {
    "Has the events that the test appends."
    waits(after: String, mark: String): String!
    "Has the events that the test appends, for each caller by itself."
    viewerWaits(after: String): String!
    "Has so many events of so many bytes."
    flood(bytes: Int!): String!
    "Its second event can’t be answered in time."
    stumbles: Slow!
    "Its second event is answered only when it is asked again."
    busyOnce: Int!
    "Its second event is a bug."
    bugs: Int!
    refused(code: String!): Int!
    "Has a source no sooner than the test says."
    opensLate: String!
    "Counts the contexts that it has been answered with."
    contexts: Int!
    "Has a source of another kind."
    wrong: Int!
  }
  type Slow {
    n: Int!
    value: String
  }
`;

const never = () => new Promise<never>(() => undefined);

/** A schema that misbehaves when asked to, and what it has seen of the wire. */
export class TestSchema {
  readonly schema = createSchema<TestContext>({ typeDefs, resolvers: this.#resolvers() });
  readonly ledger = new ToyLedger();
  /** How often an event of `waits` or `flood` was answered. */
  answers = 0;
  /** What became of the work of `hang`. */
  readonly aborted: string[] = [];
  /** Lets `opensLate` open. */
  letOpen: () => void = () => undefined;
  readonly open = new Promise<void>((resolve) => (this.letOpen = resolve));
  bumps = 0;
  /** How often `hang` was asked. */
  hangs = 0;

  #resolvers() {
    return {
      Query: {
        hello: () => 'world',
        me: (_: unknown, __: unknown, { operation }: TestContext) => operation.principal.id,
        self: () => ({}),
        bug: () => {
          throw new Error('secret detail');
        },
        requiredBug: () => null,
        refused: (_: unknown, { code }: { code: string }) => {
          throw new GraphQLError('told you', { extensions: { code, detail: 7, originalError: 'secret' } });
        },
        busy: () => {
          throw new Error('secret detail', {
            cause: new StorageBusyError({ cause: new Error('secret path') }),
          });
        },
        invalid: (_: unknown, { message }: { message: string }) => {
          throw new PothosValidationError(message);
        },
        hang: (_: unknown, __: unknown, { operation }: TestContext) => this.#hang(operation),
        length: (_: unknown, { of }: { of: number }) => of,
        paint: (_: unknown, { colour }: { colour: string }) => colour,
        wrongNumber: () => 'not a number',
      },
      Mutation: {
        bump: () => ++this.bumps,
        hang: (_: unknown, __: unknown, { operation }: TestContext) => this.#hang(operation),
      },
      Subscription: {
        waits: this.#field('waits', (value) => this.#answered(value)),
        viewerWaits: {
          ...this.#field('viewerWaits', (value) => this.#answered(value)),
          extensions: PER_CALLER,
        },
        opensLate: this.#field(
          'waits',
          (value) => value,
          () => this.open,
        ),
        flood: {
          ...this.#field('flood', (value) => value),
          resolve: (_: StoredEntry, { bytes }: { bytes: number }) => this.#answered('x'.repeat(bytes)),
        },
        stumbles: this.#field('count', (n) => ({ n })),
        busyOnce: this.#field('count', (n) => this.#busyOnce(n)),
        bugs: this.#field('count', (n) => {
          if (n === 2) throw new Error('secret detail');
          return n;
        }),
        refused: {
          subscribe: (_: unknown, { code }: { code: string }) => {
            throw new GraphQLError('told you', { extensions: { code } });
          },
        },
        contexts: {
          ...this.#field('count', (n) => n),
          resolve: (_: StoredEntry, __: unknown, context: object) => this.#numberOf(context),
        },
        wrong: { subscribe: () => count(), resolve: (n: number) => n },
      },
      Slow: { value: ({ n }: { n: number }) => (n === 2 ? never() : String(n)) },
    };
  }

  #field(
    field: string,
    resolve: (value: ToyEntry['value']) => unknown,
    opened: () => Promise<void> = () => Promise.resolve(),
  ) {
    return {
      subscribe: async (_: unknown, { after }: { after?: string | null }, context: TestContext) => {
        await opened();
        return this.ledger.feed(field, context.operation.lastEventId ?? after, context);
      },
      resolve: (entry: StoredEntry) => resolve(toyEntry(entry).value),
    };
  }

  #answered(value: ToyEntry['value']) {
    this.answers += 1;
    return value;
  }

  #busy = true;

  #busyOnce(n: ToyEntry['value']) {
    if (n !== 2 || !this.#busy) return n;
    this.#busy = false;
    throw new StorageBusyError({ cause: new Error('secret path') });
  }

  readonly #contexts: object[] = [];

  #numberOf(context: object): number {
    if (!this.#contexts.includes(context)) this.#contexts.push(context);
    return this.#contexts.indexOf(context) + 1;
  }

  #hang({ signal }: Operation): Promise<never> {
    this.hangs += 1;
    signal.addEventListener('abort', () => this.aborted.push('hang'));
    return never();
  }
}

async function* count() {
  yield await Promise.resolve(1);
}
