/** A backup that was not made: REFUSED for its destination, FAILED for a fault that may pass. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly code: 'REFUSED' | 'FAILED';

  constructor(code: 'REFUSED' | 'FAILED', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
