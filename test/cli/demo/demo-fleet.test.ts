import { describe, expect, it, vi } from 'vitest';
import { givenFleet, neverDriesUp, REVIEWERS } from './given-fleet.ts';

vi.setConfig({ testTimeout: 60_000 });

describe('the simulated fleet', () => {
  it('begins with agents at every tier below the highest, some of them eligible and one waiting for a review', async () => {
    const { recorder } = await givenFleet();
    const { data } = (await recorder.answer({
      query: '{ agents(first: 25) { nodes { agentId tier evaluation { status } } } }',
      variables: {},
    })) as {
      data: { agents: { nodes: { agentId: string; tier: string; evaluation: { status: string } }[] } };
    };
    const found = data.agents.nodes.map(({ agentId, tier, evaluation }) => [
      agentId,
      `${tier} ${evaluation.status}`,
    ]);
    expect(Object.fromEntries(found)).toEqual({
      'payments-planner': 'T0 ELIGIBLE',
      'network-gardener': 'T1 ELIGIBLE',
      'dns-keeper': 'T2 PENDING_REVIEW',
      'cache-warmer': 'T2 NOT_ELIGIBLE',
      'cert-renewer': 'T1 NOT_ELIGIBLE',
      'cluster-tuner': 'T1 NOT_ELIGIBLE',
      'storage-pruner': 'T3 NOT_ELIGIBLE',
      'log-shipper': 'T0 NOT_ELIGIBLE',
    });
  });

  it.each(REVIEWERS)(
    'has somebody become eligible every 20 s beside a reviewer who %s, and stays small',
    async (_, review) => neverDriesUp(120, review),
  );
});
