import { expect, test } from 'vitest';
import { tellCutStory } from '../wire/cut-story.ts';

test('50 subscribers whose connections break 200 times get each of 10,000 entries that is theirs once and in order', async () => {
  expect(await tellCutStory({ entries: 10_000, subscribers: 50, cuts: 200 })).toBeGreaterThan(10_000);
}, 300_000);
