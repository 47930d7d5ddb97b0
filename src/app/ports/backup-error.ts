import { KnownError } from '../../governance/known-error.ts';

/** A backup that was not made: REFUSED for its destination, FAILED for a fault that may pass. */
export class BackupError extends KnownError {
  override readonly name = 'BackupError';
  readonly code = 'BACKUP';
  readonly retryable: boolean;

  constructor(
    override readonly detail: 'REFUSED' | 'FAILED',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.retryable = detail === 'FAILED';
  }
}
