import fc from 'fast-check';
import { test } from 'vitest';
import { toldStep } from '../app/told-steps.ts';
import { tellStory } from '../app/told-story.ts';
import { arbitraryPolicy } from '../governance/arbitrary-policy.ts';

test('in 80 stories of up to 60 steps, everybody sees what the words of the rules say, then and later', async () => {
  const story = fc.tuple(arbitraryPolicy, fc.array(toldStep, { minLength: 10, maxLength: 60, size: 'max' }));
  await fc.assert(
    fc.asyncProperty(story, async ([policy, steps]) => {
      await tellStory(policy, steps);
    }),
    { numRuns: 80, endOnFailure: true },
  );
});
