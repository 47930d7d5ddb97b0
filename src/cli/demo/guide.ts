import type { DemoEventsSubscription, PromotionStatus } from '../../generated/graphql/cli.ts';
import type { Listening } from '../../compose/service.ts';
import type { Terminal } from '../output/terminal.ts';

/** What the demonstration tells of. */
export type DemoEntry = DemoEventsSubscription['ledgerAppended']['entry'];

/** An agent that waits for people. */
export interface Candidate {
  readonly agentId: string;
  readonly targetTier: string;
  readonly status: PromotionStatus;
}

const RATIONALE = 'Looked at its runs, all is well.';

/** Says what to do, and what happens. */
export class Guide {
  readonly #terminal: Terminal;
  readonly #listening: Listening;
  #hasHinted = false;

  constructor(terminal: Terminal, listening: Listening) {
    this.#terminal = terminal;
    this.#listening = listening;
  }

  begin(waiting: readonly Candidate[]): void {
    this.#terminal.print('A dozen agents act from now on. What becomes of them is told here.', '');
    // The first step asks for no rationale: it makes the simplest first promotion.
    const simplest = waiting.toSorted((one, other) => one.targetTier.localeCompare(other.targetTier));
    for (const candidate of simplest) this.#claim(candidate, 'has earned');
  }

  tell(entry: DemoEntry): void {
    const { bold, dim, green } = this.#terminal.colors;
    this.#terminal.printJson(entry);
    const agentId = 'agentId' in entry ? (entry.agentId ?? '') : '';
    if (entry.__typename === 'AgentBecameEligibleEntry' && entry.evaluation !== null)
      this.#claim({ agentId, ...entry.evaluation }, 'has earned');
    if (entry.__typename === 'AgentPromotedEntry')
      this.#terminal.print(`${green('✓')} ${bold(agentId)} is at ${entry.toTier} now, by ${entry.actor.id}`);
    if (entry.__typename === 'EligibilityLostEntry')
      this.#terminal.print(`${dim('▽')} ${bold(agentId)} broke a rule and lost what it had earned`);
  }

  #claim({ agentId, targetTier, status }: Candidate, what: string): void {
    const { bold, cyan, green, yellow } = this.#terminal.colors;
    const review = status === 'PENDING_REVIEW' ? yellow(', and people must review it') : '';
    this.#terminal.print(`${green('▲')} ${bold(agentId)} ${what} ${targetTier}${review}`);
    if (this.#hasHinted) return;
    this.#hasHinted = true;
    const why = status === 'PENDING_REVIEW' ? ` --rationale '${RATIONALE}'` : '';
    this.#terminal.print(
      '  Promote it in another terminal, and see it go on:',
      cyan(`    ${this.#credentials()} npm run -s tierkeeper -- promote ${agentId}${why}`),
      '',
    );
  }

  #credentials(): string {
    const { url, fresh } = this.#listening;
    const reviewer = fresh.find(({ principal }) => principal.roles.includes('REVIEWER'));
    return `TIERKEEPER_URL=${url} TIERKEEPER_TOKEN=${reviewer?.token ?? 'YOUR-TOKEN'}`;
  }
}
