import { expect, test } from 'vitest';
import { tellCutStory } from './cut-story.ts';

test('12 subscribers whose connections break 18 times get each of 400 entries that is theirs once and in order', async () => {
  expect(await tellCutStory({ entries: 400, subscribers: 12, cuts: 18 })).toBeGreaterThan(400);
}, 60_000);
