import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { openService, type Service } from '../src/compose/service.ts';
import { loadConfig } from '../src/config/config.ts';
import type { RunInput } from '../src/app/commands/inputs.ts';
import { DAY } from '../src/governance/facts.ts';
import { arrivesWithin, sameAnswer, sized, type Bench } from './bench.ts';
import { openFleet } from './fleet/open-fleet.ts';
import { recordAs } from './runs.ts';

const TOKEN = 'bench';
const QUERY = 'subscription { agentBecameEligible { at agent { agentId } } }';
const WINDOW = 30 * DAY;
/** How long the first violation still counts, and how long after it the next one does, in milliseconds. */
const [LEAD, APART] = [6_000, 20];
const BATCH = 490;

interface Arrival {
  readonly agentId: string;
  /** When the agent became eligible, and when a subscriber was told, UTC milliseconds. */
  readonly at: number;
  readonly arrived: number;
}

/** How long after a violation has left the window a subscriber over WebSocket is told that its agent is eligible. */
export const push: Bench = {
  about: 'from the instant at which time alone makes an agent eligible to the event at a subscriber',
  run: async (folder, scale) => {
    const agents = sized(300, scale, 5);
    const due = await recordViolations(folder, agents);
    const service = await open(folder);
    try {
      const { url } = await service.listen();
      const subscriber = await subscribe(url, agents);
      const [arrivals] = await Promise.all([subscriber.arrivals, recordAgents(service, due)]);
      const told = arrivals.map(({ agentId, at }) => [agentId, at]);
      sameAnswer('who became eligible, and when', told, due);
      const early = arrivals.filter(({ at, arrived }) => arrived < at);
      sameAnswer('events that came before their instant', early, []);
      const delays = arrivals.map(({ at, arrived }) => arrived - at);
      return {
        size: `${agents} agents, one every ${APART} ms`,
        lines: arrivesWithin(delays, 250),
        answer: `${arrivals.length} agents at their instants, none before`,
      };
    } finally {
      await service.close();
    }
  },
};

async function open(folder: string): Promise<Service> {
  const tokens = join(folder, 'tokens.json');
  const admitted = [{ token: TOKEN, id: 'bench:viewer', kind: 'person', roles: ['viewer'] }];
  await writeFile(tokens, JSON.stringify(admitted));
  const config = loadConfig({
    PORT: '0',
    LOG_LEVEL: 'error',
    DATABASE_URL: `file:${fileOf(folder)}`,
    TIERKEEPER_TOKENS_FILE: tokens,
  });
  return openService(config, { operator: { id: 'bench:operator', kind: 'PERSON' } });
}

interface Message {
  readonly type: string;
  readonly payload?: {
    readonly data?: {
      readonly agentBecameEligible: { readonly at: string; readonly agent: { agentId: string } };
    };
  };
}

/** Subscribes; `arrivals` is there once so many events have come. */
async function subscribe(url: string, many: number) {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
  await once(socket, 'open');
  const acknowledged = once(socket, 'message');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${TOKEN}` } }));
  await acknowledged;
  const found: Arrival[] = [];
  const arrivals = new Promise<readonly Arrival[]>((resolve, reject) => {
    socket.on('close', (code) => reject(new Error(`The server closed the socket with ${code}.`)));
    socket.on('message', (data: Buffer) => {
      const arrived = Date.now();
      const event = (JSON.parse(data.toString()) as Message).payload?.data?.agentBecameEligible;
      if (event === undefined) return;
      found.push({ agentId: event.agent.agentId, at: Date.parse(event.at), arrived });
      if (found.length < many) return;
      resolve(found);
      socket.terminate();
    });
  });
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: QUERY } }));
  return { arrivals };
}

type Due = readonly (readonly [agentId: string, at: number])[];

/** Records a violation of each agent as it occurred, a window ago; gives which violation leaves the window when, in that order. */
async function recordViolations(folder: string, agents: number): Promise<Due> {
  const first = Date.now() + LEAD + agents * 10;
  const due = Array.from(
    { length: agents },
    (_, index) => [`agent-${index}`, first + index * APART] as const,
  );
  let now = first - WINDOW - 1;
  const past = await openFleet(fileOf(folder), { now: () => now });
  for (const [agentId, at] of due) {
    now = at - WINDOW - 1;
    await recordAs(past.app, [violatingRun(agentId, now)]);
  }
  await past.close();
  return due;
}

/** Lets agents earn T1 but for their violation. */
async function recordAgents({ engine: { app } }: Service, due: Due): Promise<void> {
  const now = app.clock.now();
  const runs = due.flatMap(([agentId]) => earningRuns(agentId, now));
  for (let begin = 0; begin < runs.length; begin += BATCH)
    await recordAs(app, runs.slice(begin, begin + BATCH));
  if (app.clock.now() >= (due[0]?.[1] ?? 0))
    throw new Error('This machine was too slow to record the agents beforehand.');
}

function violatingRun(agentId: string, at: number): RunInput {
  const violation = { type: 'scope', severity: 'LOW', description: null, occurredAt: at } as const;
  const times = { startedAt: at, finishedAt: at };
  return { agentId, runId: 'bad', owner: null, ...times, actions: [], violations: [violation] };
}

function earningRuns(agentId: string, now: number): readonly RunInput[] {
  const plan = { type: 'generate_plan', decision: 'PLAN', success: true, occurredAt: now } as const;
  const run = { agentId, owner: null, startedAt: now, finishedAt: now, actions: [plan], violations: [] };
  return Array.from({ length: 5 }, (_, index) => ({ ...run, runId: `good-${index}` }));
}

function fileOf(folder: string): string {
  return join(folder, 'tierkeeper.db');
}
