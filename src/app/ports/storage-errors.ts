// Faults of the database, as every layer knows them. Their messages are for people; what really happened is in `cause`,
// which is for the log alone.

import { KnownError } from '../../governance/known-error.ts';

/** Others held the database for longer than a command waits; nothing was written. */
export class StorageBusyError extends KnownError {
  readonly code = 'STORAGE_BUSY';
  override readonly detail = this.code;
  readonly retryable = true;

  constructor(options?: ErrorOptions) {
    super('The database is busy. Nothing was written; try again.', options);
  }
}

const DAMAGED = 'The database is damaged. Stop the server and restore a backup; tierkeeper verify says more.';

interface UnavailableOptions extends ErrorOptions {
  readonly reason?: string | null;
  readonly damaged?: boolean;
}

function unavailable(reason: string | null): string {
  return reason === null
    ? 'The database is unavailable. Try again later.'
    : `The database is unavailable: ${reason}`;
}

/** The database can't be read or written: full, read-only, damaged, gone or closed. */
export class StorageUnavailableError extends KnownError {
  readonly code = 'STORAGE_UNAVAILABLE';
  override readonly detail = this.code;
  /** Trying again does not mend a damaged file. */
  readonly retryable: boolean;

  /** In a sentence for people, which names no path; null if the cause alone tells. */
  readonly reason: string | null;

  constructor({ reason = null, damaged = false, ...options }: UnavailableOptions = {}) {
    super(damaged ? DAMAGED : unavailable(reason), options);
    this.reason = reason;
    this.retryable = !damaged;
  }
}

/** More commands wait for the database than it can take; nothing was written. */
export class OverloadedError extends KnownError {
  readonly code = 'OVERLOADED';
  override readonly detail = this.code;
  readonly retryable = true;

  constructor() {
    super('Too many commands are waiting. Nothing was written; try again.');
  }
}

/** A fault of the database. */
export type StorageError = StorageBusyError | StorageUnavailableError;

/** The fault of the database that an error is, or that caused it; null if it is something else. */
export function storageErrorOf(error: unknown): StorageError | null {
  if (error instanceof StorageBusyError || error instanceof StorageUnavailableError) return error;
  return error instanceof Error && error.cause !== undefined ? storageErrorOf(error.cause) : null;
}
