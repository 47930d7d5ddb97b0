import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { WriteQueue } from '../../../src/adapters/sqlite/write-queue.ts';

test('however many writes wait, everything else has its turn between them', async () => {
  const queue = new WriteQueue();
  let done = 0;
  const jobs = Array.from({ length: 100 }, () => queue.run(() => Promise.resolve((done += 1))));
  await turn();
  await turn();
  expect(done).toBeLessThan(5);
  expect(await Promise.all(jobs)).toEqual(jobs.map((_, index) => index + 1));
  await queue.close();
});

test('a job that fails holds up none after it', async () => {
  const queue = new WriteQueue();
  const failing = queue.run(() => Promise.reject(new Error('busy')));
  const next = queue.run(() => Promise.resolve('done'));
  await expect(failing).rejects.toThrow('busy');
  expect(await next).toBe('done');
});
