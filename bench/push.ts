import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { openService, type Service } from '../src/compose-service.ts';
import { loadConfig } from '../src/config.ts';
import type { RunInput } from '../src/app/inputs.ts';
import { DAY } from '../src/governance/facts.ts';
import { arrivesWithin, sameAnswer, sized, type Bench } from './bench.ts';
import { recordAs } from './runs.ts';

const TOKEN = 'bench';
const QUERY = 'subscription { agentBecameEligible { at agent { agentId } } }';
const WINDOW = 30 * DAY;
/** How long the first violation still counts, and how long after it the next one does, in milliseconds. */
const [LEAD, APART] = [3_000, 20];
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
    const service = await open(folder);
    try {
      const { url } = await service.listen();
      const subscriber = await subscribe(url, agents);
      const [due, arrivals] = await Promise.all([recordAgents(service, agents), subscriber.arrivals]);
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
    DATABASE_URL: `file:${join(folder, 'tierkeeper.db')}`,
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

/** Agents that have earned T1 but for a violation each; gives who becomes eligible when, in that order. */
async function recordAgents({ engine: { app } }: Service, agents: number) {
  const now = app.clock.now();
  const first = now + LEAD + agents * 5;
  const due = Array.from({ length: agents }, (_, index): [string, number] => [
    `agent-${index}`,
    first + index * APART,
  ]);
  const runs = due.flatMap(([agentId, at]) => almostEligible(agentId, now, at - WINDOW - 1));
  for (let begin = 0; begin < runs.length; begin += BATCH)
    await recordAs(app, runs.slice(begin, begin + BATCH));
  if (app.clock.now() >= first) throw new Error('This machine was too slow to record the agents beforehand.');
  return due;
}

function almostEligible(agentId: string, now: number, violatedAt: number): readonly RunInput[] {
  const run = { agentId, owner: null, startedAt: now, finishedAt: now, actions: [], violations: [] };
  const violation = { type: 'scope', severity: 'LOW', description: null, occurredAt: violatedAt } as const;
  const plan = { type: 'generate_plan', decision: 'PLAN', success: true, occurredAt: now } as const;
  return [
    { ...run, runId: 'bad', startedAt: violatedAt, finishedAt: violatedAt, violations: [violation] },
    ...Array.from({ length: 5 }, (_, index) => ({ ...run, runId: `good-${index}`, actions: [plan] })),
  ];
}
