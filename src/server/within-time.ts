import { wireError } from './wire-codes.ts';

interface TimeAllowed {
  readonly ms: number;
  /** Nobody waits any longer once it is aborted. */
  readonly signal: AbortSignal;
  /** Told that the time was not enough, or that nobody waits. What the work then comes to is dropped. */
  readonly onGivenUp: () => void;
}

/**
 * The outcome of work that may take a while, and no longer.
 * @throws GraphQLError LIMIT_EXCEEDED
 */
export async function withinTime<T>(
  { ms, signal, onGivenUp }: TimeAllowed,
  work: () => T | Promise<T>,
): Promise<T> {
  const late = () => wireError('LIMIT_EXCEEDED', `An operation may take ${ms} ms. Ask for less.`);
  const gone = () => wireError('BAD_REQUEST', 'The caller has gone.');
  if (signal.aborted) throw gone();
  let stopWaiting: () => void = () => undefined;
  const givenUp = new Promise<never>((_resolve, reject) => {
    const giveUp = (error: Error) => {
      reject(error);
      onGivenUp();
    };
    const onAbort = () => giveUp(gone());
    const timer = setTimeout(() => giveUp(late()), ms);
    signal.addEventListener('abort', onAbort, { once: true });
    stopWaiting = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
  });
  try {
    return await Promise.race([work(), givenUp]);
  } finally {
    stopWaiting();
  }
}
