import { setImmediate as turn } from 'node:timers/promises';
import { afterAll } from 'vitest';

/** What keeps a process alive and a test file must have stopped: children, servers, timers, watchers. */
const LEAKS = new Set([
  'FSEventWrap',
  'PipeServerWrap',
  'ProcessWrap',
  'StatWatcher',
  'TCPServerWrap',
  'Timeout',
]);
const GRACE_MS = 2_000;

const running = () => process.getActiveResourcesInfo().filter((kind) => LEAKS.has(kind));

// Registered first, so it runs last. Waiting also lets a late rejection surface, which fails the run by itself.
afterAll(async () => {
  const deadline = performance.now() + GRACE_MS;
  while (running().length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 10).unref());
  }
  await turn();
  if (running().length > 0) throw new Error(`This file left running: ${running().join(', ')}.`);
});
