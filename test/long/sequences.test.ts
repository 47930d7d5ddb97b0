import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tellSequences } from '../app/standing/told-story.ts';
import { arbitraryPolicy, lenient } from '../governance/arbitrary-policy.ts';
import { counted } from './counted.ts';

const POLICIES = counted(25);
const SEQUENCES = 200;

test(
  `in ${POLICIES * SEQUENCES} sequences of commands by everybody, everybody sees what the words of the rules say`,
  { timeout: 1_200_000 },
  async () => {
    let sequences = 0;
    const blockers = new Set<string>();
    const tiers = new Set<string>();
    const told = fc.asyncProperty(arbitraryPolicy, fc.nat(), async (policy, seed) => {
      const views = await tellSequences(policy, { numRuns: SEQUENCES, seed });
      sequences += SEQUENCES;
      for (const view of views) {
        tiers.add(view.tier);
        for (const blocker of view.blockers) blockers.add(blocker);
      }
    });
    // One sequence in some hundred gets beyond T1, and few random policies let any do so: one of these does.
    await fc.assert(told, { numRuns: POLICIES, endOnFailure: true, examples: [[lenient, 2]] });
    expect(sequences).toBe(POLICIES * SEQUENCES);
    expect([...blockers]).toEqual(
      expect.arrayContaining(['SUSPENDED', 'REVOCATION_COOL_DOWN', 'DENIAL_COOL_DOWN']),
    );
    expect(tiers.size).toBeGreaterThan(2);
  },
);
