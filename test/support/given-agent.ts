import type { App } from '../../src/app/app.ts';
import type { AgentRecord } from '../../src/app/ports/agents.ts';
import { promoteAgent, type PromoteOutcome } from '../../src/app/commands/promote-agent.ts';
import type { Principal } from '../../src/governance/principals/principal.ts';
import { TIERS, type Tier } from '../../src/governance/tier.ts';
import { ABE, ADA, ANN } from './given-principal.ts';
import { givenAction, givenRun, record } from './given-runs.ts';

const TYPES = ['generate_plan', 'ansible_check', 'terraform_plan', 'ansible_run', 'terraform_apply'];

/** A rationale long enough for a review. */
export const RATIONALE = 'Worked carefully for months.';

let keys = 0;

/** A vote by somebody, with a key of its own. */
export function promote(
  app: App,
  principal: Principal,
  agentId: string,
  more: Partial<Parameters<typeof promoteAgent>[2]> = {},
): Promise<PromoteOutcome> {
  keys += 1;
  const standard = { rationale: RATIONALE, expectedTier: null, expectedEvidence: null };
  return promoteAgent(app, principal, { agentId, idempotencyKey: `key-${keys}`, ...standard, ...more });
}

/** An agent at a tier that has earned the next one, by 50 runs at an instant and the votes of ann, ada and abe. */
export async function givenEligible(app: App, agentId = 'eve', tier: Tier = 'T0'): Promise<AgentRecord> {
  const at = app.clock.now();
  const actions = TYPES.map((type) => givenAction(type, at));
  const runs = Array.from({ length: 50 }, () => givenRun(at, { agentId }));
  await record(app, [...runs.slice(1), givenRun(at, { agentId, actions })]);
  for (const from of TIERS.slice(0, TIERS.indexOf(tier)))
    for (const voter of from === 'T3' ? [ADA, ABE] : [ANN]) await promote(app, voter, agentId);
  return agentNow(app, agentId);
}

/** An agent's row as it is stored. */
export async function agentNow(app: App, agentId = 'eve'): Promise<AgentRecord> {
  const agent = (await app.store.reader.agents([agentId])).get(agentId);
  if (agent === undefined) throw new Error(`There is no agent ${agentId}.`);
  return agent;
}
