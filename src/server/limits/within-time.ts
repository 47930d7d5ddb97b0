import { wireError } from '../wire-codes.ts';

interface TimeAllowed {
  readonly ms: number;
  /** Nobody waits any longer once it is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * The outcome of work that may take a while, and no longer; what it comes to later is dropped.
 * @throws GraphQLError LIMIT_EXCEEDED
 */
export async function withinTime<T>({ ms, signal }: TimeAllowed, work: Promise<T>): Promise<T> {
  let stopWaiting: () => void = () => undefined;
  const givenUp = new Promise<never>((_resolve, reject) => {
    const late = () =>
      reject(
        wireError(
          'LIMIT_EXCEEDED',
          `An operation may take ${ms} ms. Ask for less. A mutation may still be carried out: sent again with its idempotencyKey, it tells.`,
        ),
      );
    const gone = () => reject(wireError('BAD_REQUEST', 'The caller has gone.'));
    if (signal?.aborted === true) gone();
    const timer = setTimeout(late, ms);
    signal?.addEventListener('abort', gone, { once: true });
    stopWaiting = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', gone);
    };
  });
  try {
    return await Promise.race([work, givenUp]);
  } finally {
    stopWaiting();
  }
}
