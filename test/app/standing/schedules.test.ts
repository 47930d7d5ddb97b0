import { join } from 'node:path';
import { expect, test } from 'vitest';
import { givenEngine } from '../../support/given-engine.ts';
import { memoryFolder } from '../../support/memory-folder.ts';
import { quickPolicy, tellSchedules } from './scheduled-story.ts';

test.each([1, 2])(
  'in 40 schedules of commands that meet, where %i must approve, nothing promotes wrongly and nothing happens twice',
  { timeout: 60_000 },
  async (reviewers) => {
    const given = await givenEngine({
      file: join(memoryFolder(), 'tierkeeper.db'),
      policy: quickPolicy(reviewers),
      unsound: true,
    });
    const seen = await tellSchedules(given, 40);
    expect(seen['promote: DONE']).toBeGreaterThan(0);
  },
);
