import { closeSync, openSync, readSync } from 'node:fs';

/** What a file holds; null if that is more bytes than these, of which no more are read, whatever the file is. */
export function readAtMost(path: string, most: number): Buffer | null {
  const bytes = Buffer.alloc(most + 1);
  const file = openSync(path, 'r');
  try {
    for (let length = 0; length <= most;) {
      const count = readSync(file, bytes, length, bytes.length - length, null);
      if (count === 0) return bytes.subarray(0, length);
      length += count;
    }
  } finally {
    closeSync(file);
  }
  return null;
}
