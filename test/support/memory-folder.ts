import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const MEMORY = '/dev/shm';
const ROOM = 2 ** 30;

/** An empty folder in memory where there is one with room, else on the disk: thousands of commits need locks, not a disk. Its caller deletes it. */
export function newMemoryFolder(): string {
  return mkdtempSync(join(hasRoom() ? MEMORY : tmpdir(), 'tierkeeper-test-'));
}

/** The same, deleted when the test ends. */
export function memoryFolder(): string {
  const folder = newMemoryFolder();
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

function hasRoom(): boolean {
  if (!existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize > ROOM;
}
