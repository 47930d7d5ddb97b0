import { isAgentId } from '../agent-id.ts';

/** What a principal is. SYSTEM is Tierkeeper itself: its clock and its followers. */
export const PRINCIPAL_KINDS = ['PERSON', 'AGENT', 'SERVICE', 'SYSTEM'] as const;

/** What a principal is. */
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

/** What a principal may do; everybody reads. */
export const ROLES = ['VIEWER', 'RECORDER', 'REVIEWER', 'ADMIN', 'AUDITOR'] as const;

/** What a principal may do. */
export type Role = (typeof ROLES)[number];

/** The authenticated caller. No argument of a command ever says who that is. */
export interface Principal {
  readonly id: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly Role[];
  /** Agent ids, or their beginnings followed by `*`, that every role is limited to; null is no limit. */
  readonly agents: readonly string[] | null;
  /** UTC milliseconds, or null. */
  readonly expiresAt: number | null;
}

/** An id pattern: an agent id, or the beginning of one followed by `*`, or `*` alone. */
export const AGENT_PATTERN = /^([a-z0-9][a-z0-9._-]{0,62}|(?:[a-z0-9][a-z0-9._-]{0,61})?\*)$/;

/** The patterns of what a principal sees; null is everything. An agent sees only itself, and nothing if its id names none. */
export function sightOf(principal: Principal): readonly string[] | null {
  if (principal.kind !== 'AGENT') return principal.agents;
  return isAgentId(principal.id) && sees(principal.agents, principal.id) ? [principal.id] : [];
}

/** Whether patterns (null: no limit) cover an agent. */
export function sees(patterns: readonly string[] | null, agentId: string): boolean {
  if (patterns === null) return true;
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? agentId.startsWith(pattern.slice(0, -1)) : agentId === pattern,
  );
}
