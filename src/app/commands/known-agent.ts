import { AgentNotFoundError } from '../../governance/errors.ts';
import type { AgentRecord } from '../ports/agents.ts';
import type { Reader } from '../ports/store.ts';

/**
 * An agent that a command names.
 * @throws AgentNotFoundError
 */
export async function knownAgent(reader: Pick<Reader, 'agents'>, agentId: string): Promise<AgentRecord> {
  const agent = (await reader.agents([agentId])).get(agentId);
  if (agent === undefined) throw new AgentNotFoundError(agentId);
  return agent;
}
