import { GraphQLError } from 'graphql';
import { createSchema } from 'graphql-yoga';
import { PothosValidationError } from '@pothos/core';
import { StorageBusyError } from '../../src/app/storage-errors.ts';
import type { Operation } from '../../src/server/caller.ts';

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
    paint(colour: Colour): String
    wrongNumber: Int
  }
  type Mutation {
    bump: Int!
    hang: String
  }
  type Subscription {
    "Never has an event until the test sends one."
    waits: String!
    "Has an event of so many bytes whenever it is asked."
    flood(bytes: Int!): String!
    "Has so many events."
    count(to: Int!): Int!
    "Answers its second event late."
    stumbles: Slow!
    "Fails in the middle."
    breaks: Int!
    refused(code: String!): Int!
    "Has a source no sooner than the test says."
    opensLate: String!
    "Counts the contexts that it has been answered with."
    contexts: Int!
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
  /** Subscriptions to `waits` that were opened and not returned. */
  readonly waiting = new Set<{ send(event: string): void }>();
  /** What became of the work of `hang`. */
  readonly aborted: string[] = [];
  /** Lets `opensLate` open. */
  letOpen: () => void = () => undefined;
  readonly open = new Promise<void>((resolve) => (this.letOpen = resolve));
  /** How many sources were ever opened. */
  opened = 0;
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
        waits: { subscribe: () => this.#waits(), resolve: (event: string) => event },
        opensLate: {
          subscribe: () => this.open.then(() => this.#waits()),
          resolve: (event: string) => event,
        },
        flood: { subscribe: flood, resolve: (event: string) => event },
        count: { subscribe: count, resolve: (event: number) => event },
        stumbles: { subscribe: () => count({}, { to: 3 }), resolve: (n: number) => ({ n }) },
        breaks: { subscribe: breaks, resolve: (event: number) => event },
        refused: {
          subscribe: (_: unknown, { code }: { code: string }) => {
            throw new GraphQLError('told you', { extensions: { code } });
          },
        },
        contexts: {
          subscribe: () => count({}, { to: 3 }),
          resolve: (_: unknown, __: unknown, context: object) => this.#numberOf(context),
        },
      },
      Slow: { value: ({ n }: { n: number }) => (n === 2 ? never() : String(n)) },
    };
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

  /** Its `next` settles only when an event is sent: nothing but `return` frees it. */
  #waits(): AsyncIterableIterator<string> {
    const events: string[] = [];
    let wake: (() => void) | undefined;
    const one = {
      send: (event: string) => {
        events.push(event);
        wake?.();
      },
    };
    this.waiting.add(one);
    this.opened += 1;
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: async () => {
        while (events.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        return { done: false, value: events.shift() ?? '' };
      },
      return: () => {
        this.waiting.delete(one);
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }
}

async function* count(_: unknown, { to }: { to: number }) {
  for (let n = 1; n <= to; n++) yield await Promise.resolve(n);
}

async function* breaks() {
  yield await Promise.resolve(1);
  throw new Error('secret detail');
}

async function* flood(_: unknown, { bytes }: { bytes: number }) {
  for (;;) yield await Promise.resolve('x'.repeat(bytes));
}
