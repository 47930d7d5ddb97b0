import { it } from 'vitest';
import { neverDriesUp, REVIEWERS } from '../cli/given-fleet.ts';

it.each(REVIEWERS)(
  'for an hour somebody in the demonstration becomes eligible every 20 s beside a reviewer who %s',
  { timeout: 600_000 },
  async (_, review) => neverDriesUp(3_600, review),
);
