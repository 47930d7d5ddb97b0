import type { ApiAnswer, ApiError } from './api.ts';
import { CliError, type ExitCode } from '../cli-error.ts';

/** What each code of a top-level error means to the shell; a code that is not here is a fault of the other side. */
const EXITS: Readonly<Record<string, ExitCode>> = {
  UNAUTHENTICATED: 1,
  FORBIDDEN: 1,
  BAD_REQUEST: 2,
  BAD_USER_INPUT: 2,
  GRAPHQL_PARSE_FAILED: 2,
  GRAPHQL_VALIDATION_FAILED: 2,
  INVALID_CURSOR: 2,
  LIMIT_EXCEEDED: 2,
  OPERATION_RESOLUTION_FAILURE: 2,
  PAYLOAD_TOO_LARGE: 2,
};

const UNSAID = 'The server sent an error without saying which.';
const UNKNOWN_TOKEN =
  'The server does not know the token in TIERKEEPER_TOKEN, or it has expired. Set it to a token of that server.';

/** A refusal that a command answered: a result union's error. */
export interface Refusal {
  readonly __typename?: string;
  readonly code: string;
  readonly message: string;
}

/** The first error of an answer, as the command ends with it. */
export function answerError([first]: readonly ApiError[]): CliError {
  const { code = 'INTERNAL', ...details } = first?.extensions ?? {};
  const message = code === 'UNAUTHENTICATED' ? UNKNOWN_TOKEN : (first?.message ?? UNSAID);
  // A damaged database: trying again does not mend it.
  const isLasting = code === 'STORAGE_UNAVAILABLE' && details.retryable === false;
  return new CliError(message, { code, exit: EXITS[code] ?? (isLasting ? 2 : 3), details });
}

/** A refusal, as the command ends with it; malformed input is not refused but wrong. */
export function refusalError({ __typename: _, code, message, ...details }: Refusal): CliError {
  return new CliError(message, { code, exit: code === 'VALIDATION' ? 2 : 1, details });
}

/**
 * The data of an answer.
 * @throws CliError for its first error, or if there is none
 */
export function dataOf<Data>({ data, errors = [] }: ApiAnswer<Data>): Data {
  if (errors.length > 0) throw answerError(errors);
  if (data !== undefined && data !== null) return data;
  throw new CliError('The server answered nothing.', { code: 'NETWORK', exit: 3 });
}
