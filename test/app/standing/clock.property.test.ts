import fc from 'fast-check';
import { test } from 'vitest';
import { arbitraryPolicy } from '../../governance/arbitrary-policy.ts';
import { clockStory, tellClockStory } from './clock-story.ts';

test(
  'as time goes on, jumps or passes while nothing runs, every stored status is what counting everything anew comes to',
  { timeout: 60_000 },
  async () => {
    const story = fc.tuple(arbitraryPolicy, clockStory({ minLength: 5, maxLength: 20 }));
    await fc.assert(
      fc.asyncProperty(story, async ([policy, steps]) => {
        await tellClockStory(policy, steps);
      }),
      { numRuns: 8, endOnFailure: true },
    );
  },
);
