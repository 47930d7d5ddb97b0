import { setTimeout as pause } from 'node:timers/promises';
import { DemoEligibleDocument, type DemoEligibleSubscription } from '../../generated/graphql/cli.ts';
import { follow, type Api } from '../api.ts';
import { configOf, type Cli } from '../cli.ts';
import { CliError, type ExitCode } from '../cli-error.ts';
import { newId, presenter, type Listening, type Principal } from '../composition.ts';
import { Fleet } from '../demo/fleet.ts';
import { localApi } from '../local-api.ts';
import type { Terminal } from '../terminal.ts';
import { eligibleAgents } from './eligible.ts';
import { serving, started, startedLines } from './serve.ts';

const TICK_MS = 1_000;
const RATIONALE = 'Looked at its runs, all is well.';

/** Who records what the fleet does; it can't approve any of it. */
const RUNNER: Principal = {
  ...{ id: 'demo-runner', kind: 'SERVICE', roles: ['VIEWER', 'RECORDER'], agents: null, expiresAt: null },
};

/** Serves the API with a simulated fleet that keeps acting, on a database of its own. */
export async function demo(cli: Cli): Promise<ExitCode> {
  const database = cli.environment.DATABASE_URL ?? '';
  const overrides = database.trim() === '' ? { DATABASE_URL: 'file:./data/demo.db' } : {};
  const config = await configOf(cli, overrides);
  return serving(config, async ({ engine, ...service }, signal) => {
    const { clock } = engine.app;
    const api = localApi({ engine, principal: RUNNER, present: await presenter(config) });
    const fleet = await Fleet.gather(api, { newId, now: () => clock.now() });
    const listening = await service.listen();
    const guide = new Guide(cli.terminal, listening);
    cli.terminal.printJson(started(listening));
    cli.terminal.print(...startedLines(cli.terminal.colors, config, listening));
    return Promise.race([act(fleet, signal), tell(guide, api, signal)]);
  });
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

async function tell(guide: Guide, api: Api, signal: AbortSignal): Promise<never> {
  const waiting = await eligibleAgents(api);
  guide.begin(waiting.map(({ agentId, tier, evaluation }) => ({ agentId, tier, ...evaluation })));
  for await (const { agentBecameEligible: event } of follow(api, DemoEligibleDocument, { variables: {}, signal }))
    guide.tell(event);
  throw signal.reason;
}

interface Candidate {
  readonly agentId: string;
  readonly tier: string;
  readonly targetTier: string;
  readonly status: DemoEligibleSubscription['agentBecameEligible']['evaluation']['status'];
}

/** Says what to do, and what happens. */
class Guide {
  readonly #terminal: Terminal;
  readonly #listening: Listening;
  #hasHinted = false;

  constructor(terminal: Terminal, listening: Listening) {
    this.#terminal = terminal;
    this.#listening = listening;
  }

  begin(waiting: readonly Candidate[]): void {
    this.#terminal.print('A dozen agents act from now on. Who earns a tier is told here.', '');
    for (const candidate of waiting) this.#say(candidate, 'is waiting for');
  }

  tell({ agent: { agentId }, evaluation }: DemoEligibleSubscription['agentBecameEligible']): void {
    const { status, currentTier: tier, targetTier } = evaluation;
    this.#terminal.printJson({ eligible: { agentId, tier, targetTier, status } });
    this.#say({ agentId, tier, targetTier, status }, 'has earned');
  }

  #say({ agentId, targetTier, status }: Candidate, what: string): void {
    const { colors } = this.#terminal;
    const review = status === 'PENDING_REVIEW' ? colors.yellow(', and people must review it') : '';
    this.#terminal.print(`${colors.green('▲')} ${colors.bold(agentId)} ${what} ${targetTier}${review}`);
    if (this.#hasHinted) return;
    this.#hasHinted = true;
    const why = status === 'PENDING_REVIEW' ? ` --rationale '${RATIONALE}'` : '';
    this.#terminal.print(
      '  Promote it in another terminal, and see it go on:',
      colors.cyan(`    ${this.#credentials()} npm run -s tierkeeper -- promote ${agentId}${why}`),
      '',
    );
  }

  #credentials(): string {
    const { url, fresh } = this.#listening;
    const reviewer = fresh.find(({ principal }) => principal.roles.includes('REVIEWER'));
    return `TIERKEEPER_URL=${url} TIERKEEPER_TOKEN=${reviewer?.token ?? 'YOUR-TOKEN'}`;
  }
}
