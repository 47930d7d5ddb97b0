import { setImmediate as turn } from 'node:timers/promises';
import { StorageUnavailableError } from '../../app/ports/storage-errors.ts';

/**
 * Runs one job at a time, in the order of arrival. A job must not wait for another that it adds itself. SQLite answers
 * without a turn of the event loop, so everything else that waits is given one after each job.
 */
export class WriteQueue {
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** @throws StorageUnavailableError once closed, and whatever the job throws */
  run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#closed)
      return Promise.reject(new StorageUnavailableError({ cause: new Error('The queue is closed.') }));
    const result = this.#last.then(job);
    this.#last = result.catch(() => undefined).then(() => turn());
    return result;
  }

  /** Takes no more jobs and waits for those that were taken. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }
}
