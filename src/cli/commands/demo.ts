import { setTimeout as pause } from 'node:timers/promises';
import { CursorDocument, DemoEventsDocument } from '../../generated/graphql/cli.ts';
import { databaseFileOf } from '../../config/database-file.ts';
import type { Api } from '../api/api.ts';
import { ask, follow } from '../api/ask.ts';
import { configOf, type Cli } from '../cli.ts';
import { CliError, type ExitCode } from '../cli-error.ts';
import { newId } from '../../compose/system.ts';
import { presenter } from '../../compose/presenter.ts';
import type { Principal } from '../../compose/authentication.ts';
import type { Service } from '../../compose/service.ts';
import { Fleet } from '../demo/fleet.ts';
import { Guide, type DemoEntry } from '../demo/guide.ts';
import { localApi } from '../api/local-api.ts';
import { eligibleAgents } from './agents/eligible.ts';
import { serving, started, startedLines } from './serve.ts';

const TICK_MS = 1_000;

/** Who records what the fleet does; it can't approve any of it. */
const RUNNER: Principal = {
  id: 'demo-runner',
  kind: 'SERVICE',
  roles: ['VIEWER', 'RECORDER'],
  agents: null,
  expiresAt: null,
};
/** Who promoted agents before the demonstration began; it promotes nobody while it runs. */
const REVIEWER: Principal = {
  id: 'demo-reviewer',
  kind: 'PERSON',
  roles: ['VIEWER', 'REVIEWER'],
  agents: null,
  expiresAt: null,
};

/** Serves the API with a simulated fleet that keeps acting, on a database of its own. */
export async function demo(cli: Cli): Promise<ExitCode> {
  const database = cli.environment.DATABASE_URL ?? '';
  const overrides = database.trim() === '' ? { DATABASE_URL: 'file:./data/demo.db' } : {};
  const config = await configOf(cli, overrides);
  const tokensKeptIn = `${databaseFileOf(config)}.tokens.json`;
  const work = async (service: Service, signal: AbortSignal) => {
    const { engine } = service;
    const present = await presenter(config);
    const api = localApi({ engine, principal: RUNNER, present });
    const reviewer = localApi({ engine, principal: REVIEWER, present });
    const fleet = await Fleet.gather({ recorder: api, reviewer, newId, now: () => engine.app.clock.now() });
    // Somebody waits before the first query comes.
    await fleet.act();
    const listening = await service.listen();
    cli.terminal.printJson(started(listening));
    cli.terminal.print(...startedLines(cli.terminal.colors, config, { ...listening, tokensKeptIn }));
    const guide = new Guide(cli.terminal, listening);
    return Promise.race([act(fleet, signal), tell(api, { fleet, guide, signal })]);
  };
  return serving(config, work, { tokensKeptIn, loopbackOrigins: true });
}

async function act(fleet: Fleet, signal: AbortSignal): Promise<never> {
  for (;;) {
    await pause(TICK_MS, undefined, { signal });
    await fleet.act().catch((error: unknown) => {
      // A database that is busy now is not in the next tick.
      if (!(error instanceof CliError) || error.exit !== 3) throw error;
    });
  }
}

interface Audience {
  readonly fleet: Fleet;
  readonly guide: Guide;
  readonly signal: AbortSignal;
}

async function tell(api: Api, { fleet, guide, signal }: Audience): Promise<never> {
  const { cursor } = await ask(api, CursorDocument, {});
  const waiting = await eligibleAgents(api);
  guide.begin(waiting.map(({ agentId, evaluation }) => ({ agentId, ...evaluation })));
  const variables = { after: cursor };
  for await (const { ledgerAppended } of follow(api, DemoEventsDocument, { variables, signal })) {
    letKnow(fleet, ledgerAppended.entry);
    guide.tell(ledgerAppended.entry);
  }
  throw signal.reason;
}

/** A promoted agent goes on at once. */
function letKnow(fleet: Fleet, entry: DemoEntry): void {
  if (entry.__typename === 'AgentPromotedEntry' && entry.agentId !== null)
    fleet.hear(entry.agentId, { tier: entry.toTier, waits: false, isHeld: false });
}
