import fc from 'fast-check';
import { test } from 'vitest';
import { clockStep, tellClockStory } from '../app/clock-story.ts';
import { arbitraryPolicy } from '../governance/arbitrary-policy.ts';

test('in 60 stories of up to 60 steps, every stored status is what counting everything anew comes to', async () => {
  const story = fc.tuple(arbitraryPolicy, fc.array(clockStep, { minLength: 10, maxLength: 60, size: 'max' }));
  await fc.assert(
    fc.asyncProperty(story, async ([policy, steps]) => {
      await tellClockStory(policy, steps);
    }),
    { numRuns: 60, endOnFailure: true },
  );
});
