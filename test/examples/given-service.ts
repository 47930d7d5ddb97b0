// The product on a free port, reached over a wire that tests break, and a story that goes on meanwhile.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Access } from '../../examples/access.ts';
import { authorizedFetch } from '../../examples/access.ts';
import { WAITING, type Waiting } from '../../examples/agents.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { randomIds } from '../../src/adapters/system/ids.ts';
import { createLog } from '../../src/adapters/system/log.ts';
import { positionOf } from '../../src/app/feed/position-of.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { LedgerEntryType } from '../../src/governance/ledger/entries.ts';
import { writeCursor } from '../../src/governance/ledger/cursor.ts';
import { operationCost } from '../../src/graphql/operation-cost.ts';
import { startServer } from '../../src/server/server.ts';
import { openTokens } from '../../src/server/access/tokens.ts';
import { promote } from '../support/given-agent.ts';
import { givenEngine, type GivenEngine } from '../support/given-engine.ts';
import { ANN } from '../support/given-principal.ts';
import { givenAction, givenReport, givenRun, record, report } from '../support/given-runs.ts';
import { givenWire, type Wire } from '../support/given-wire.ts';
import { tempFolder } from '../support/temp-folder.ts';

const dashboard = (token: string) => ({ token, id: 'dashboard', kind: 'service', roles: ['viewer'] });

const TYPES = ['generate_plan', 'ansible_check', 'terraform_plan'];

// Dozens of connections a test, on a machine that runs other files beside it.
vi.setConfig({ testTimeout: 60_000 });

/** Serves an engine; the token `first` comes in. */
async function serve({ engine }: GivenEngine, port: number) {
  const file = join(tempFolder(), 'tokens.json');
  const letIn = (token: string) => writeFileSync(file, JSON.stringify([dashboard(token)]));
  letIn('first');
  const log = createLog('silent');
  const config = loadConfig({ PORT: String(port) });
  const tokens = await openTokens({
    file,
    jwt: null,
    host: config.host,
    clock: systemClock,
    ids: randomIds,
    log,
  });
  onTestFinished(() => tokens.close());
  const server = await startServer({
    config,
    schema: engine.schema,
    tokens,
    clock: systemClock,
    ids: randomIds,
    log,
    context: ({ principal, lastEventId, budget }) => engine.contextFor(principal, lastEventId, budget),
    cost: operationCost(engine.schema),
    readiness: () => Promise.resolve({ ready: true, checks: {} }),
    metrics: new Registry(),
  });
  onTestFinished(() => server.close());
  return { ...server, letIn };
}

/** A service under test. */
export interface Service {
  readonly wire: Wire;
  /** Over the wire. */
  readonly access: Access;
  readonly story: Story;
  /** Changes the only token that comes in. */
  letIn(token: string): void;
  stop(): Promise<void>;
  /** Starts again at the same address, with the same ledger or with another one. */
  start(ledger?: GivenEngine): Promise<void>;
  /** What a fresh query answers, past the wire. */
  waiting(): Promise<Waiting>;
}

/** Serves a fresh ledger in which five agents wait already. */
export async function givenService(token: Access['token'] = () => 'first'): Promise<Service> {
  let ledger = await givenEngine();
  let server = await serve(ledger, 0);
  const story = new Story(() => ledger);
  await story.goOn(5);
  const wire = await givenWire(server.port);
  return {
    wire,
    access: { url: new URL(`http://127.0.0.1:${wire.port}/graphql`), token, webSocket: WebSocket },
    story,
    letIn: (next) => server.letIn(next),
    stop: () => server.close(),
    async start(other = ledger) {
      if (other !== ledger) story.beginAgain();
      ledger = other;
      server = await serve(ledger, server.port);
    },
    async waiting() {
      const response = await authorizedFetch({ url: new URL(server.url), token })(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: WAITING }),
      });
      return ((await response.json()) as { data: Waiting }).data;
    },
  };
}

/** Agents become eligible; some are promoted, and some of these are eligible again at once; others lose it. */
class Story {
  readonly #ledger: () => GivenEngine;
  #agents = 0;

  constructor(ledger: () => GivenEngine) {
    this.#ledger = ledger;
  }

  beginAgain(): void {
    this.#agents = 0;
  }

  async goOn(agents = 1): Promise<void> {
    const { app, clock } = this.#ledger();
    for (let count = 0; count < agents; count += 1) {
      this.#agents += 1;
      clock.advance(1);
      await this.#earn(`agent-${this.#agents}`);
      if (this.#agents % 3 === 0) await promote(app, ANN, `agent-${this.#agents - 1}`);
      if (this.#agents % 4 === 0)
        await report(app, givenReport(clock.now(), { agentId: `agent-${this.#agents - 2}` }));
    }
  }

  /** Enough for T0→T1, and for T1→T2 as well. */
  async #earn(agentId: string): Promise<void> {
    const { app, clock } = this.#ledger();
    const at = clock.now();
    const actions = TYPES.map((type) => givenAction(type, at));
    await record(
      app,
      Array.from({ length: 10 }, () => givenRun(at, { agentId, actions })),
    );
  }

  /** The cursor of every entry of these types after a cursor, in order. */
  async cursors(types: readonly LedgerEntryType[], after: string): Promise<readonly string[]> {
    const { reader } = this.#ledger().app.store;
    const { seq } = await positionOf(reader, after);
    const entries = await reader.entriesAfter(seq, 10_000);
    return entries.filter(({ type }) => types.includes(type)).map(writeCursor);
  }
}
