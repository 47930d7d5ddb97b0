import type { StorageUnavailableError } from '../../app/ports/storage-errors.ts';
import { faultSentence } from './storage-faults.ts';

/** Why a database can't be written: known from the last write that met a fault, until a trial finds that it can. */
export class WriteFault {
  #fault: StorageUnavailableError | null = null;
  #trial: Promise<StorageUnavailableError | null> | null = null;

  met(fault: StorageUnavailableError): void {
    this.#fault = fault;
  }

  /**
   * In a sentence; null if nothing keeps it from being written. Who asks while it can't be written has it tried, one trial
   * for all: no command may ever arrive at a server that says that it is not ready.
   */
  async present(tryToWrite: () => Promise<void>): Promise<string | null> {
    if (this.#fault === null) return null;
    this.#trial ??= this.#attempt(tryToWrite).finally(() => (this.#trial = null));
    const fault = await this.#trial;
    return fault === null ? null : faultSentence(fault);
  }

  async #attempt(tryToWrite: () => Promise<void>): Promise<StorageUnavailableError | null> {
    const before = this.#fault;
    try {
      await tryToWrite();
      // What another write met in the meantime stands.
      if (this.#fault === before) this.#fault = null;
    } catch {
      return this.#fault;
    }
    return this.#fault;
  }
}
