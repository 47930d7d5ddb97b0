import { expect, test } from 'vitest';
import { tellCutStory } from '../wire/cut-story.ts';
import { counted } from './counted.ts';

const [ENTRIES, CUTS] = [counted(10_000), counted(200)];

test(`50 subscribers whose connections break ${CUTS} times get each of ${ENTRIES} entries that is theirs once and in order`, async () => {
  expect(await tellCutStory({ entries: ENTRIES, subscribers: 50, cuts: CUTS })).toBeGreaterThan(ENTRIES);
}, 300_000);
