import { evaluateAgents } from '../../../src/app/standing/evaluate-agents.ts';
import type { App } from '../../../src/app/app.ts';
import type { Evaluation } from '../../../src/governance/evaluation.ts';
import { baseline } from '../../../src/governance/policies/baseline.ts';
import { agentNow } from '../../support/given-agent.ts';

/** What an agent’s evaluation says now. */
export async function evaluated(app: App, agentId = 'eve'): Promise<Evaluation> {
  const now = app.clock.now();
  const ask = { agents: [await agentNow(app, agentId)], asOf: now, now };
  const [evaluation] = await evaluateAgents(app.store.reader, baseline, ask);
  if (evaluation === undefined) throw new Error('Nothing was evaluated.');
  return evaluation;
}
