import {
  GraphQLError,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { createYoga, isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { Config } from '../config/config.ts';
import { bodyLimit } from './limits/body-limit.ts';
import { principalOf, type Caller, type CallerContext } from './access/caller.ts';
import { compressed } from './compression.ts';
import { documentCache } from './document-cache.ts';
import { withoutHttp, type ErrorPresenter } from './error-presenter.ts';
import { EVENT_STREAM_HEADERS, EventStream } from './event-stream.ts';
import type { Origins } from './access/origins.ts';
import { CSRF_HEADERS, notAcceptable, requestShape } from './request-shape.ts';
import { requestText } from './request-text.ts';
import type { Subscriber } from './sharing/subscriber.ts';
import { wireError } from './wire-codes.ts';

/** The path of the API, on HTTP and WebSocket. */
export const GRAPHQL_PATH = '/graphql';

interface GraphqlHttpOptions {
  readonly config: Pick<Config, 'limits'>;
  readonly origins: Origins;
  readonly schema: GraphQLSchema;
  readonly presenter: ErrorPresenter;
  /** Limits and execution: what WebSocket applies too. */
  readonly shared: readonly Plugin<CallerContext>[];
}

/** GraphQL over HTTP, with subscriptions over SSE; `getEnveloped` gives WebSocket the same hooks. */
export function createGraphqlHttp(options: GraphqlHttpOptions) {
  const { config, origins, schema, presenter, shared } = options;
  return createYoga<CallerContext>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    batching: false,
    graphiql: false,
    landingPage: false,
    logging: false,
    // The presenter masks: it also sees what no execution hook does, and knows the request id.
    maskedErrors: false,
    multipart: false,
    maxRequestBodySize: false,
    parserAndValidationCache: {
      documentCache: documentCache(),
      errorCache: documentCache(),
      validationCache: true,
    },
    cors: (request) => corsOf(request.headers.get('origin'), origins),
    plugins: [
      authentication,
      ...requestShape(),
      requestText(),
      bodyLimit(config.limits.bodyBytes),
      malformedRequests,
      ...shared,
      presentation(presenter),
      compression,
    ],
  });
}

/** GraphQL over HTTP. */
export type GraphqlHttp = ReturnType<typeof createGraphqlHttp>;

/** One operation's way through every hook that does not belong to HTTP. */
export interface Envelope {
  readonly schema: GraphQLSchema;
  /** @throws GraphQLError */
  parse(document: string): DocumentNode;
  /** @throws GraphQLError */
  validate(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[];
  contextFactory(): Promise<object>;
  subscribe(args: ExecutionArgs): Promise<ExecutionResult | Subscriber>;
}

/** The hooks that HTTP goes through, for an operation that came over a WebSocket. */
export function envelop(graphqlHttp: GraphqlHttp, caller: Caller): Envelope {
  return graphqlHttp.getEnveloped({ caller }) as unknown as Envelope;
}

function corsOf(origin: string | null, origins: Origins) {
  if (origin === null || !origins.isConfigured(origin)) return false;
  return {
    origin,
    credentials: false,
    methods: ['GET', 'POST'],
    allowedHeaders: ['authorization', 'content-type', 'last-event-id', ...CSRF_HEADERS],
    exposedHeaders: ['retry-after', 'x-request-id'],
    maxAge: 600,
  };
}

/** Before the body is read, and before anything else is said. */
const authentication: Plugin<object, CallerContext> = {
  onRequestParse({ serverContext }) {
    principalOf(serverContext.caller);
  },
};

/** Event streams are sent as they come: a compressor would keep events back. */
const compression: Plugin<object, CallerContext> = {
  onResponse: async (payload) => {
    const { request, response, fetchAPI } = payload;
    const type = response.headers.get('content-type');
    if (type === 'text/event-stream') return;
    const encoded = await compressed(await response.text(), request.headers.get('accept-encoding'));
    if (encoded === null) return;
    const { status, statusText } = response;
    const length = { 'content-length': String(encoded.body.length) };
    const headers = { ...Object.fromEntries(response.headers), ...encoded.headers, ...length };
    payload.setResponse(new fetchAPI.Response(encoded.body, { status, statusText, headers }));
  },
};

/** A body that breaks off and variables in a URL that are no JSON are the caller's mistakes. */
const malformedRequests: Plugin = {
  onRequestParse: ({ requestParser, setRequestParser }) => {
    if (requestParser === undefined) return;
    setRequestParser(async (request) => {
      try {
        return await requestParser(request);
      } catch (error) {
        if (error instanceof GraphQLError) throw error;
        throw wireError(
          'BAD_REQUEST',
          'The request could not be read: it is not what its content type says, or broke off.',
        );
      }
    });
  },
};

type ResultProcess = Parameters<NonNullable<Plugin['onResultProcess']>>[0];
type Processor = Parameters<ResultProcess['setResultProcessor']>[0];

function presentation(presenter: ErrorPresenter): Plugin<object, CallerContext> {
  return {
    onResultProcess(process) {
      const { result, serverContext, resultProcessor } = process;
      const { caller } = serverContext;
      const { stream, subscriber } = caller;
      if (Array.isArray(result)) return;
      if (resultProcessor === undefined)
        process.setResultProcessor(withoutAnswer(presenter, caller), 'application/json');
      else if (!isAsyncIterable(result)) process.setResult(presenter.result(result, caller));
      else if (stream !== null && subscriber !== null)
        process.setResultProcessor(
          (_result, { Response }) => responseOf(new EventStream(subscriber, stream), Response),
          'text/event-stream',
        );
    },
  };
}

/** Yoga pipes a Node stream, and so waits for a slow client; a web stream it would read ahead of. */
function responseOf(body: EventStream, Response: typeof globalThis.Response): Response {
  return new Response(body as unknown as ReadableStream, { headers: EVENT_STREAM_HEADERS });
}

/** A subscription can't be written as JSON: who takes nothing else is told so, and it ends. Whatever was refused before says why. */
function withoutAnswer(presenter: ErrorPresenter, caller: Caller): Processor {
  return async (result, { Response }) => {
    if (isAsyncIterable(result)) await result[Symbol.asyncIterator]().return?.();
    const refused = 'errors' in result ? (result.errors ?? []) : [];
    const errors = presenter.errors([...refused, notAcceptable()].slice(0, 1), caller);
    const status = errors[0]?.extensions.http?.status ?? 406;
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    return new Response(JSON.stringify({ errors: errors.map(withoutHttp) }), { status, headers });
  };
}
