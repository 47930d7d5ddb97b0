import { promoteAgent } from '../src/app/commands/promote-agent.ts';
import type { App } from '../src/app/app.ts';
import { characterOf } from './fleet/character.ts';
import { principal } from './fleet/open-fleet.ts';

const REVIEWER = principal('bench:reviewer', 'REVIEWER');

/** Promotes the agent of a number in a fleet where every one has earned it; gives the entry. */
export async function promoteOne(app: App, index: number): Promise<number> {
  const { agentId } = characterOf(index, { oneIn: 1 });
  const bound = { rationale: null, expectedTier: null, expectedEvidence: null };
  const outcome = await promoteAgent(app, REVIEWER, { agentId, idempotencyKey: agentId, ...bound });
  if (outcome.kind !== 'PROMOTED') throw new Error(`${agentId} was not promoted.`);
  return outcome.seq;
}
