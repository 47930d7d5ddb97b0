import { it } from 'vitest';
import { neverDriesUp, REVIEWERS } from '../cli/demo/given-fleet.ts';
import { counted } from './counted.ts';

const SECONDS = counted(3_600);

it.each(REVIEWERS)(
  `for ${SECONDS} seconds somebody in the demonstration becomes eligible every 20 s beside a reviewer who %s`,
  { timeout: 600_000 },
  async (_, review) => neverDriesUp(SECONDS, review),
);
