import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a file system answers that has no hard links, such as FAT or some network shares. */
const NO_LINKS = /^(EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS|EMLINK|EXDEV)$/;

/**
 * Gives a file its name and replaces no other: a link fails where a rename would replace. Without hard links the name is
 * taken by an empty file first, which the rename then replaces. `link` makes a hard link.
 * @throws the error of the file system, EEXIST if the name is taken
 */
export function publishFile(file: string, out: string, link: typeof linkSync = linkSync): void {
  try {
    link(file, out);
    rmSync(file);
  } catch (error) {
    if (!NO_LINKS.test(String((error as NodeJS.ErrnoException).code))) throw error;
    closeSync(openSync(out, 'wx', 0o600));
    renameSync(file, out);
  }
  syncPath(dirname(out));
}

/** Waits until a file or folder is on the disk. */
export function syncPath(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
