// adapters/original-ledger/ reads the SQLite file of the original engine, as one snapshot and without ever writing to it.
// It knows files, SQLite and the names of tables and columns; what a row means is for governance/imported-*.ts.

import { KnownError } from '../../governance/known-error.ts';

/** An original ledger can't be read, or is none: the message says what is wrong and what to do. */
export class OriginalLedgerError extends KnownError {
  override readonly name = 'OriginalLedgerError';
  readonly code = 'ORIGINAL_LEDGER';
  /** Whether trying again later may do, with nothing changed: only if it was locked. */
  readonly retryable: boolean;

  constructor(message: string, options: { readonly retryable?: boolean; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable ?? false;
  }
}
