import fc from 'fast-check';
import { test } from 'vitest';
import { toldStep } from '../app/standing/told-steps.ts';
import { tellStory } from '../app/standing/told-story.ts';
import { arbitraryPolicy } from '../governance/arbitrary-policy.ts';
import { counted } from './counted.ts';

const STORIES = counted(80);

test(`in ${STORIES} stories of up to 60 steps, everybody sees what the words of the rules say, then and later`, async () => {
  const story = fc.tuple(arbitraryPolicy, fc.array(toldStep, { minLength: 10, maxLength: 60, size: 'max' }));
  await fc.assert(
    fc.asyncProperty(story, async ([policy, steps]) => {
      await tellStory(policy, steps);
    }),
    { numRuns: STORIES, endOnFailure: true },
  );
});
