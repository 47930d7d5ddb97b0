import { openOriginalLedger } from '../../../src/adapters/original-ledger/open-original-ledger.ts';
import { evaluateAgents } from '../../../src/app/standing/evaluate-agents.ts';
import { importLedger, type LedgerImport } from '../../../src/app/import-ledger/import-ledger.ts';
import type { App } from '../../../src/app/app.ts';
import { DAY } from '../../../src/governance/facts.ts';
import { baseline } from '../../../src/governance/policies/baseline.ts';
import { givenOriginalLedger, type GivenLedger } from '../../support/given-original-ledger.ts';
import { givenApp, NOW } from './given-app.ts';

/** Who imports. */
export const OPERATOR = { id: 'operator:pat', kind: 'PERSON' } as const;
/** A time so many milliseconds before the import. */
export const iso = (ago: number) => new Date(NOW - ago).toISOString();
/** A generated plan so many milliseconds before the import. */
export const plan = (agent_id: string, ago: number) => ({
  agent_id,
  timestamp: iso(ago),
  action: 'generate_plan',
  decision: 'plan',
  success: 1,
});
/** An agent of which every run was compliant. */
export const metrics = (agent_id: string, current_tier: number, runs: number) => ({
  agent_id,
  current_tier,
  total_runs: runs,
  compliant_runs: runs,
  consecutive_compliant: runs,
});

/** A ledger of which everything is clear: eve has earned T1, bob has not earned T3. */
export const CLEAN = {
  agent_metrics: [metrics('eve', 0, 9), { ...metrics('bob', 2, 4), last_active_at: iso(DAY) }],
  agent_actions: [
    plan('eve', 3 * DAY),
    plan('bob', 2 * DAY),
    { ...plan('eve', 9 * DAY), decision: 'EXECUTE' },
  ],
  violations: [
    {
      agent_id: 'bob',
      timestamp: iso(5 * DAY),
      violation_type: 'scope',
      severity: 'low',
      description: 'private',
    },
    { agent_id: 'bob', timestamp: iso(80 * DAY), violation_type: 'rollback', severity: 'High' },
  ],
  promotions: [
    {
      agent_id: 'bob',
      timestamp: iso(50 * DAY),
      from_tier: 1,
      to_tier: 2,
      approved_by: 'dana',
      rationale: 'well done',
    },
    { agent_id: 'bob', timestamp: iso(99 * DAY), from_tier: 0, to_tier: 1, approved_by: 'lee' },
  ],
} satisfies GivenLedger;

/** Imports a file. */
export function importFile(app: App, path: string, more: Partial<LedgerImport> = {}) {
  return importLedger(app, { ledger: openOriginalLedger(path), actor: OPERATOR, dryRun: false, ...more });
}

/** A fresh app that has imported a ledger, and what came of it. */
export async function givenImport(ledger: GivenLedger) {
  const here = await givenApp();
  const report = await importFile(here.app, givenOriginalLedger(ledger));
  const entries = await here.app.store.reader.entriesAfter(1, 10_000);
  const record = async (agentId: string) => (await here.app.store.reader.agents([agentId])).get(agentId);
  const of = (agentId: string) => entries.filter((entry) => entry.agentId === agentId);
  return { ...here, report, entries, of, record };
}

/** The evaluation of every agent at an instant. */
export async function evaluationsAt(app: App, asOf: number, { now = NOW, policy = baseline } = {}) {
  const imported = await app.store.reader.entriesAfter(0, 100_000, 'AGENT_IMPORTED');
  const agents = await app.store.reader.agents(imported.flatMap(({ agentId }) => agentId ?? []));
  const ask = { agents: [...agents.values()], asOf, now };
  const evaluations = await evaluateAgents(app.store.reader, policy, ask);
  return new Map([...agents.keys()].map((agentId, index) => [agentId, evaluations[index]]));
}

/** An agent's evaluation at an instant. */
export async function evaluationAt(app: App, agentId: string, asOf: number, policy = baseline) {
  return (await evaluationsAt(app, asOf, { policy })).get(agentId);
}
