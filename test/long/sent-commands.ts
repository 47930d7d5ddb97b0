import { denyPromotion } from '../../src/app/commands/deny-promotion.ts';
import type { App } from '../../src/app/app.ts';
import { promoteAgent } from '../../src/app/commands/promote-agent.ts';
import { reportViolation } from '../../src/app/commands/report-violation.ts';
import { revokeAgent } from '../../src/app/commands/revoke-agent.ts';
import { ANN, RUNNER } from '../support/given-principal.ts';
import { givenAction, givenReport, givenRun, record } from '../support/given-runs.ts';

/** What an agent may be sent. */
export const COMMANDS = ['record', 'promote', 'revoke', 'deny', 'report'] as const;

/** How many runs are recorded at once: what an agent's first promotion asks. */
export const RUNS = 5;

/** A command as it was sent: enough to send the very same again. */
export interface SentCommand {
  readonly command: (typeof COMMANDS)[number];
  readonly agentId: string;
  /** Its idempotency key, or the name of the run or violation. */
  readonly key: string;
  readonly at: number;
}

/** Sends a command and gives what it came to; sent again, it must come to the same. */
export async function send(app: App, { command, agentId, key, at }: SentCommand): Promise<object> {
  const decision = { agentId, idempotencyKey: key };
  const text = 'Looked at it with care.';
  switch (command) {
    case 'record': {
      const actions = [givenAction('generate_plan', at)];
      const runs = Array.from({ length: RUNS }, (_, run) =>
        givenRun(at, { agentId, runId: `${key}-${run}`, actions }),
      );
      const { outcomes } = await record(app, runs);
      return { seqs: outcomes.map((outcome) => (outcome.status === 'REFUSED' ? outcome : outcome.seq)) };
    }
    case 'promote':
      return promoteAgent(app, ANN, {
        ...decision,
        rationale: text,
        expectedTier: 'T0',
        expectedEvidence: null,
      });
    case 'revoke':
      return revokeAgent(app, ANN, { ...decision, toTier: 'T0', suspend: true, reason: text });
    case 'deny':
      return denyPromotion(app, ANN, { ...decision, rationale: text, expectedEvidence: null });
    case 'report':
      return reportViolation(app, RUNNER, givenReport(at, { agentId, violationId: key, description: text }));
  }
}
