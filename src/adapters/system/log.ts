import { destination, pino, type DestinationStream, type Level, type Logger } from 'pino';

/** What must never be read in a log, wherever a caller puts it. */
const SECRET = ['authorization', 'token', 'variables', 'headers'].flatMap((key) => [key, `*.${key}`]);

/** A log of one JSON line each, by default to stderr: stdout belongs to what a command answers. */
export function createLog(level: Level | 'silent', stream: DestinationStream = destination(2)): Logger {
  return pino(
    { level, base: null, redact: { paths: SECRET, remove: true }, serializers: { err: describeError } },
    stream,
  );
}

interface ErrorLine {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string | undefined;
  readonly cause?: ErrorLine;
}

/** Never the error's other properties: a GraphQLError carries the whole document. */
function describeError(error: unknown): ErrorLine {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  return {
    type: error.name,
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
