import { expect, test } from 'vitest';
import { tellCutStory } from './cut-story.ts';

test('12 subscribers whose connections break 24 times get each of 600 entries that is theirs once and in order', async () => {
  expect(await tellCutStory({ entries: 600, subscribers: 12, cuts: 24 })).toBeGreaterThan(600);
}, 60_000);
