import { execute } from 'graphql';
import type { Store } from '../../src/app/ports/store.ts';
import type { Engine } from '../../src/compose/engine.ts';
import type { Principal } from '../../src/governance/principals/principal.ts';
import { Answer, checked, type Variables } from './ask.ts';

class Undone extends Error {}

/** A store that undoes everything it writes, and answers as if it had not. */
function rehearsing(store: Store): Store {
  return {
    reader: store.reader,
    async write(work, options) {
      const done: Awaited<ReturnType<typeof work>>[] = [];
      const undone = await store
        .write(async (tx) => {
          done.push(await work(tx));
          throw new Undone();
        }, options)
        .catch((error: unknown) => error);
      const [result] = done;
      if (!(undone instanceof Undone) || result === undefined) throw undone;
      return result;
    },
  };
}

/** The answer that a mutation gives somebody; what it would do is undone. */
export async function rehearse(
  engine: Engine,
  principal: Principal,
  text: string,
  variableValues: Variables,
): Promise<Answer> {
  const document = checked(engine, text);
  if (!('kind' in document)) return new Answer({ errors: document });
  const { schema } = engine;
  const context = await engine.contextFor(principal);
  const contextValue = { ...context, app: { ...context.app, store: rehearsing(context.app.store) } };
  return new Answer(await execute({ schema, document, contextValue, variableValues }));
}
