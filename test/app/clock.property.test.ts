import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryPolicy } from '../governance/arbitrary-policy.ts';
import { clockStep, tellClockStory } from './clock-story.ts';

test(
  'as time goes on, jumps or passes while nothing runs, every stored status is what counting everything anew comes to',
  { timeout: 60_000 },
  async () => {
    const story = fc.tuple(
      arbitraryPolicy,
      fc.array(clockStep, { minLength: 5, maxLength: 20, size: 'max' }),
    );
    let transitions = 0;
    await fc.assert(
      fc.asyncProperty(story, async ([policy, steps]) => {
        transitions += (await tellClockStory(policy, steps)).length;
      }),
      { numRuns: 8, endOnFailure: true },
    );
    expect(transitions).toBeGreaterThan(0);
  },
);
