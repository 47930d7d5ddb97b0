import type { App } from '../../src/app/app.ts';
import { promoteAgent } from '../../src/app/commands/promote-agent.ts';
import { characterOf } from '../fleet/character.ts';
import { principal } from '../fleet/open-fleet.ts';

const REVIEWER = principal('bench:promoter', 'REVIEWER');

/** Votes for every eligible agent of the first so many: some are promoted, some wait for a second vote. */
export async function promoteSome(app: App, agents: number): Promise<void> {
  for (let index = 0; index < agents; index += 3) {
    const { agentId } = characterOf(index, { oneIn: 3 });
    const bound = {
      rationale: 'Its plans were right for weeks.',
      expectedTier: null,
      expectedEvidence: null,
    };
    await promoteAgent(app, REVIEWER, { agentId, idempotencyKey: agentId, ...bound });
  }
}
