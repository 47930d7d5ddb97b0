import fc from 'fast-check';
import { givenEngine, START, type GivenEngine } from '../support/given-engine.ts';
import { rawConnection } from '../support/temp-database.ts';

/** An agent's row as far as lists show it. */
export interface FleetAgent {
  readonly agentId: string;
  readonly tier: string;
  readonly status: string;
  readonly owner: string | null;
  readonly suspended: boolean;
  readonly retired: boolean;
  readonly lastActiveAt: number | null;
  readonly eligibleAt: number | null;
  readonly eligibleSince: number | null;
}

/** Few instants, so that ties are common. */
const instant = fc.option(fc.integer({ min: 0, max: 5 }).map((hours) => START - hours * 3_600_000));

const arbitraryAgent: fc.Arbitrary<FleetAgent> = fc
  .record({
    agentId: fc.stringMatching(/^[a-c][a-c0-1._-]{1,5}$/).filter((text) => !text.includes('..')),
    tier: fc.constantFrom('T0', 'T1', 'T2', 'T3', 'T4'),
    status: fc.constantFrom('ELIGIBLE', 'NOT_ELIGIBLE', 'PENDING_REVIEW'),
    owner: fc.option(fc.constantFrom('olga', 'otto', 'oda')),
    suspended: fc.boolean(),
    retired: fc.nat({ max: 5 }).map((dice) => dice === 0),
    lastActiveAt: instant,
    eligibleAt: instant,
    eligibleSince: instant,
  })
  .map((agent) => ({
    ...agent,
    eligibleSince: agent.status === 'NOT_ELIGIBLE' ? null : (agent.eligibleSince ?? START),
  }));

/** An engine with agents of every kind, written behind the ledger's back: lists look at rows alone. */
export async function givenFleet(
  size = 120,
): Promise<GivenEngine & { readonly fleet: readonly FleetAgent[] }> {
  const given = await givenEngine({ unsound: true });
  const unique = fc.uniqueArray(arbitraryAgent, {
    selector: ({ agentId }) => agentId,
    minLength: size,
    maxLength: size,
  });
  const [fleet = []] = fc.sample(unique, { seed: 7, numRuns: 1 });
  const connection = rawConnection(given.file);
  for (const owner of ['olga', 'otto', 'oda'])
    connection
      .prepare(`INSERT INTO principals (key, id, kind) VALUES (?, ?, 'PERSON')`)
      .run(`key-${owner}`, owner);
  const insert = connection.prepare(`
    INSERT INTO agents (agent_id, owner_key, tier, tier_since, suspended, registered_at, last_active_at, retired_at,
      total_runs, compliant_runs, consecutive_runs, total_at_tier, compliant_at_tier, consecutive_at_tier,
      last_tier_change_seq, last_violation_seq, status, eligible_at, eligible_since)
    VALUES (?, ?, ?, 0, ?, 0, ?, ?, 0, 0, 0, 0, 0, 0, 0, 0, ?, ?, ?)`);
  connection.transaction(() => {
    for (const each of fleet)
      insert.run(
        each.agentId,
        each.owner === null ? null : `key-${each.owner}`,
        each.tier,
        each.suspended ? 1 : 0,
        each.lastActiveAt,
        each.retired ? START : null,
        each.status,
        each.eligibleAt,
        each.eligibleSince,
      );
  })();
  return { ...given, fleet };
}
