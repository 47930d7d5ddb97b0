import fc from 'fast-check';
import { expect, test } from 'vitest';
import { baseline } from '../../../src/governance/policies/baseline.ts';
import { arbitraryPolicy } from '../../governance/arbitrary-policy.ts';
import { DAY } from '../../support/given-engine.ts';
import { toldStep } from './told-steps.ts';
import { tellSequences, tellStory } from './told-story.ts';

test(
  'whatever happens, everybody sees what the words of the rules say, then and later',
  { timeout: 60_000 },
  async () => {
    const story = fc.tuple(arbitraryPolicy, fc.array(toldStep, { minLength: 5, maxLength: 20, size: 'max' }));
    await fc.assert(
      fc.asyncProperty(story, async ([policy, steps]) => {
        await tellStory(policy, steps);
      }),
      { numRuns: 10 },
    );
  },
);

test(
  'in 60 short sequences of agents of their own, everybody sees what the words of the rules say',
  { timeout: 60_000 },
  async () => {
    const told = fc.asyncProperty(arbitraryPolicy, fc.nat(), async (policy, seed) => {
      await tellSequences(policy, { numRuns: 30, seed });
    });
    await fc.assert(told, { numRuns: 2, endOnFailure: true });
  },
);

test('an agent goes all the way up, and everybody sees what the rules say at every step', async () => {
  const run = {
    violations: [],
    actions: ['generate_plan', 'ansible_check', 'terraform_plan', 'ansible_run', 'terraform_apply'].map(
      (type) => ({ type, decision: 'EXECUTE' as const, success: true, ago: DAY }),
    ),
  };
  const vote = (voter: number) => ({ step: 'PROMOTE' as const, agentId: 'eve' as const, voter });
  const [eve] = await tellStory(baseline, [
    { step: 'RECORD', agentId: 'eve', runs: [run], times: 50, recorder: 'runner', owner: null },
    ...[0, 1, 0, 0, 0].map(vote),
    { step: 'ADVANCE', by: 30 * DAY },
    { step: 'REPORT', agentId: 'eve', violation: { severity: 'LOW', ago: 40 * DAY }, named: 3 },
    { step: 'ADVANCE', by: 31 * DAY },
    { step: 'RECORD', agentId: 'eve', runs: [run], times: 50, recorder: 'runner', owner: null },
    ...[2, 2, 3, 0].map(vote),
  ]);
  expect(eve).toMatchObject({ tier: 'T4', status: 'NOT_ELIGIBLE', counters: [100, 99, 50] });
});
