import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clockStory, tellClockStory } from '../app/standing/clock-story.ts';
import { arbitraryPolicy } from '../governance/arbitrary-policy.ts';
import { counted } from './counted.ts';

const STORIES = counted(60);

test(`in ${STORIES} stories of up to 60 steps, every stored status is what counting everything anew comes to`, async () => {
  const story = fc.tuple(arbitraryPolicy, clockStory({ minLength: 10, maxLength: 60 }));
  let byTime = 0;
  await fc.assert(
    fc.asyncProperty(story, async ([policy, steps]) => {
      byTime += await tellClockStory(policy, steps);
    }),
    { numRuns: STORIES, endOnFailure: true },
  );
  expect(byTime).toBeGreaterThan(0);
});
