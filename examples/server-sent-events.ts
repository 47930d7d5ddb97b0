// Server-sent events by nothing but `fetch`, where a WebSocket can't pass: tells who waits, then who becomes eligible, each
// exactly once and in order. (EventSource itself can send neither a token nor a document.)
//
//   TIERKEEPER_TOKEN=… npx tsx examples/server-sent-events.ts
import { authorizedFetch, type Access } from './access.ts';
import {
  AGENT_BECAME_ELIGIBLE,
  printEligible,
  printWaiting,
  queryWaiting,
  type EligibilityEvent,
} from './agents.ts';
import type { Listener } from './graphql-ws.ts';
import { pause } from './pause.ts';
import { RefusedError, whereToResume, type WireError } from './refusals.ts';
import { runAsCommand } from './run-as-command.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** The server says something every 12 seconds, if only that it is there. */
const SILENCE_MS = 30_000;

/** One event, and where to resume after it. Comments, such as the server's pings, and its `event: complete` have no data. */
interface ServerSentEvent {
  readonly id: string | null;
  readonly data: string;
}

interface Answer {
  readonly data?: { readonly agentBecameEligible: EligibilityEvent } | null;
  readonly errors?: readonly WireError[];
}

/**
 * Tells a listener until the signal aborts.
 * @throws Error if trying again would not help
 */
export async function watchEligibility(
  access: Access,
  listener: Listener,
  signal: AbortSignal,
): Promise<void> {
  let at: Position | null = null;
  while (!signal.aborted) {
    try {
      if (at === null) {
        const { cursor, eligibleAgents } = await queryWaiting(access);
        listener.waiting(eligibleAgents.nodes);
        at = { after: cursor, lastEventId: null };
      }
      await follow(access, at, listener, signal);
    } catch (error) {
      const after = await whereToResume(error as Error, at?.after ?? null);
      if (after === null) at = null;
    }
  }
}

/** The variables of a subscription stay what they were; the id of the last event is what counts, once there is one. */
interface Position {
  readonly after: string;
  lastEventId: string | null;
}

/** Opens one stream after the other until the signal aborts, each after the last event of the one before. */
async function follow(access: Access, at: Position, listener: Listener, signal: AbortSignal): Promise<void> {
  let retries = 0;
  while (!signal.aborted) {
    for await (const { id, data } of streamed(access, at, signal)) {
      retries = 0;
      if (data === '') continue;
      const { data: next, errors } = JSON.parse(data) as Answer;
      if (next == null || errors !== undefined) throw new RefusedError(errors ?? []);
      listener.eligible(next.agentBecameEligible);
      at.lastEventId = id ?? at.lastEventId;
    }
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** retries);
    await pause(Math.random() * longest, signal);
    retries += 1;
  }
}

/** The events of one stream; however its connection is lost, it just ends. */
async function* streamed(access: Access, at: Position, signal: AbortSignal) {
  const silence = new AbortController();
  const stopWaiting = () => silence.abort();
  let timer = setTimeout(stopWaiting, SILENCE_MS);
  const events = new EventReader();
  try {
    const response = await openStream(access, at, AbortSignal.any([signal, silence.signal]));
    if (response.body === null) return;
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      clearTimeout(timer);
      timer = setTimeout(stopWaiting, SILENCE_MS);
      yield* events.read(text);
    }
  } catch (error) {
    if (!isLostConnection(error)) throw error;
  } finally {
    clearTimeout(timer);
  }
}

function openStream(
  access: Access,
  { after, lastEventId }: Position,
  signal: AbortSignal,
): Promise<Response> {
  const headers = {
    accept: 'text/event-stream',
    'content-type': 'application/json',
    ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
  };
  const body = JSON.stringify({ query: AGENT_BECAME_ELIGIBLE, variables: { after } });
  return authorizedFetch(access)(access.url, { method: 'POST', headers, body, signal });
}

/** How `fetch` says that the network failed, or that its signal was aborted. */
function isLostConnection(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof DOMException && error.name === 'AbortError');
}

/** Puts events together; one whose end, an empty line, never came has not happened. */
class EventReader {
  #rest = '';

  read(text: string): readonly ServerSentEvent[] {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.map(eventOf);
  }
}

function eventOf(block: string): ServerSentEvent {
  const lines = block.split('\n');
  const values = (name: string) =>
    lines.flatMap((line) => (line.startsWith(`${name}:`) ? line.slice(name.length + 1).trimStart() : []));
  return { id: values('id').at(-1) ?? null, data: values('data').join('\n') };
}

void runAsCommand(import.meta.filename, (access, signal) =>
  watchEligibility(access, { waiting: printWaiting, eligible: printEligible }, signal),
);
