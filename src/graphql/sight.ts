import { sightOf, type Principal } from '../governance/principals/principal.ts';
import type { Prisma } from '../generated/prisma/client.ts';

/** The condition on `agentId` that limits a read to what a principal may see; null is no limit. */
export function sightWhere(principal: Principal): { OR: { agentId: string | Prisma.StringFilter }[] } | null {
  const patterns = sightOf(principal);
  if (patterns === null) return null;
  // Prisma drops an empty OR, and would show everything.
  if (patterns.length === 0) return { OR: [{ agentId: { in: [] } }] };
  return { OR: patterns.map((pattern) => ({ agentId: idsOf(pattern) })) };
}

/** A range rather than LIKE: it is exact, and an index serves it. Ids have no character beyond `z`. */
function idsOf(pattern: string): string | Prisma.StringFilter {
  if (!pattern.endsWith('*')) return pattern;
  const beginning = pattern.slice(0, -1);
  return { gte: beginning, lt: `${beginning}~` };
}
