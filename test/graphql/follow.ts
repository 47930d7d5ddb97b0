import { createSourceEventStream, execute, GraphQLError, type DocumentNode } from 'graphql';
import { onTestFinished } from 'vitest';
import type { Engine } from '../../src/compose/engine.ts';
import type { Principal } from '../../src/governance/principals/principal.ts';
import { Answer, checked, type Variables } from './ask.ts';

interface Begun {
  readonly engine: Engine;
  readonly principal: Principal;
  readonly document: DocumentNode;
  readonly variableValues: Variables;
}

/** A subscription: each event is answered with a context of its own, as the server does. */
export class Followed {
  readonly #begun: Begun;
  readonly #source: AsyncIterator<unknown>;

  constructor(begun: Begun, source: AsyncIterable<unknown>) {
    this.#begun = begun;
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next event, or null if there will be none. */
  async next(): Promise<Answer | null> {
    const next: IteratorResult<unknown, unknown> = await this.#source.next();
    if (next.done === true) return null;
    const { engine, principal, ...rest } = this.#begun;
    const contextValue = await engine.contextFor(principal);
    return new Answer(await execute({ schema: engine.schema, ...rest, contextValue, rootValue: next.value }));
  }

  /** The next so many events. */
  async take(count: number): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    while (answers.length < count) {
      const answer = await this.next();
      if (answer === null) break;
      answers.push(answer);
    }
    return answers;
  }

  /** Ends it, as a client that goes away does. */
  async end(): Promise<void> {
    await this.#source.return?.();
  }
}

/** Subscribes as somebody until the test ends; the answer says why if it is refused. */
export async function follow(
  engine: Engine,
  principal: Principal,
  text: string,
  variableValues: Variables = {},
): Promise<Followed | Answer> {
  const document = checked(engine, text);
  if (!('kind' in document)) return new Answer({ errors: document });
  const contextValue = await engine.contextFor(principal);
  try {
    const source = await createSourceEventStream({
      schema: engine.schema,
      document,
      contextValue,
      variableValues,
    });
    if (!(Symbol.asyncIterator in source)) return new Answer(source);
    const followed = new Followed({ engine, principal, document, variableValues }, source);
    onTestFinished(() => followed.end());
    return followed;
  } catch (error) {
    if (error instanceof GraphQLError) return new Answer({ errors: [error] });
    throw error;
  }
}

/** Subscribes and fails if that is refused. */
export async function following(...asked: Parameters<typeof follow>): Promise<Followed> {
  const followed = await follow(...asked);
  if (followed instanceof Followed) return followed;
  throw new Error(`The subscription was refused: ${followed.messages.join('\n')}`);
}
