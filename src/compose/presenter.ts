import type { GraphQLError } from 'graphql';
import { randomIds } from '../adapters/system/ids.ts';
import { monotonicClock as monotonic } from '../adapters/system/monotonic-clock.ts';
import type { Config } from '../config/config.ts';

/** Gives what an operation answered in this process the shape that it would have on the wire. */
export type Present = (answer: {
  readonly data?: unknown;
  readonly errors?: readonly unknown[] | undefined;
}) => { readonly data?: unknown; readonly errors?: readonly ReturnType<GraphQLError['toJSON']>[] };

/** The presenter of answers that do not leave this process; what went wrong inside is logged from `debug` on. */
export async function presenter(config: Config): Promise<Present> {
  const [{ ErrorPresenter, withoutHttp }, { createLog }] = await Promise.all([
    import('../server/error-presenter.ts'),
    import('../adapters/system/log.ts'),
  ]);
  const verbose = config.logLevel === 'debug' || config.logLevel === 'trace';
  const errors = new ErrorPresenter(createLog(verbose ? config.logLevel : 'silent'), monotonic);
  return (answer) => {
    const caller = { principal: null, requestId: randomIds.next() };
    const shown =
      answer.errors === undefined ? undefined : errors.errors(answer.errors, caller).map(withoutHttp);
    return {
      ...('data' in answer ? { data: answer.data } : {}),
      ...(shown === undefined ? {} : { errors: shown }),
    };
  };
}
