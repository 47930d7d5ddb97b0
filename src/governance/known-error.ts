/** An error that a command is known to end with. Its message says what is wrong and what to do. */
export abstract class KnownError extends Error {
  /** The code that the command line shows. */
  abstract readonly code: string;
  /** Whether trying again later may do, with nothing changed. */
  abstract readonly retryable: boolean;
  /** What exactly it is, where one code covers several; null if the code says it. */
  readonly detail: string | null = null;
}
