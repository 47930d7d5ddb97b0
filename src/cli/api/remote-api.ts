import type { Api, ApiAnswer, ApiRequest } from './api.ts';
import { CliError } from '../cli-error.ts';
import { unreachable, type Remote } from './remote.ts';

/** How long an answer may take before the server counts as unavailable. */
const PATIENCE_MS = 30_000;

/** The API of a server, over HTTP and, for subscriptions, WebSocket. */
export function remoteApi(remote: Remote): Api {
  let now: number | null = null;
  return {
    async answer(request) {
      const response = await send(remote, request);
      const date = Date.parse(response.headers.get('date') ?? '');
      if (!Number.isNaN(date)) now = date;
      return readAnswer(remote, response);
    },
    async *events(request, listening) {
      const { remoteEvents } = await import('./remote-events.ts');
      yield* remoteEvents(remote, request, listening);
    },
    now: () => now,
    close: () => Promise.resolve(),
  };
}

async function send(remote: Remote, { query, variables, operationName }: ApiRequest): Promise<Response> {
  try {
    return await fetch(remote.url, {
      method: 'POST',
      headers: {
        accept: 'application/graphql-response+json, application/json',
        authorization: `Bearer ${remote.token}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ query, variables, operationName }),
      // A redirect would carry the token to wherever it leads.
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (error) {
    throw unreachable(remote, reasonOf(error), error);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${PATIENCE_MS / 1_000} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  if ('code' in cause && cause.code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return 'it does not speak TLS: begin the address with http://';
  // Where a name has several addresses, each has an error of its own and the whole has no message.
  return cause.message === '' && 'code' in cause ? String(cause.code) : cause.message;
}

async function readAnswer({ url }: Remote, response: Response): Promise<ApiAnswer> {
  const text = await response.text().catch(() => '');
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === 'object' && answer !== null && ('data' in answer || 'errors' in answer))
      return answer as ApiAnswer;
  } catch {
    // Not JSON: nothing that the API answers.
  }
  const message =
    `${url.href} answered ${response.status} without GraphQL. ` +
    'Check TIERKEEPER_URL: it is the address that the server printed, such as http://127.0.0.1:4000/graphql.';
  throw new CliError(message, { code: 'NETWORK', exit: response.status >= 500 ? 3 : 2 });
}
