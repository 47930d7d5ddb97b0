import { fstatSync, openSync, readSync } from 'node:fs';

/** How many bytes from the beginning of the file are compared once something has written it. */
const SAMPLE = 262_144;

/** A database file as it was while no checkpoint ran. */
interface Known {
  readonly progress: Buffer;
  readonly mtimeNs: bigint;
  readonly size: bigint;
  readonly sample: Buffer;
}

/**
 * Notices that another program wrote into a database file, as `cp` over it does: same device, same inode. SQLite writes
 * there only in a checkpoint, and the shared memory tells how far that is (https://www.sqlite.org/walformat.html, 2.1).
 * Both descriptors stay open: closing one would release every lock that this process has on its file.
 */
export class FileContent {
  readonly #file: number;
  readonly #memory: number;
  #known: Known | null = null;

  /** @throws what opening a file does */
  constructor(file: string) {
    this.#file = openSync(file, 'r');
    this.#memory = openSync(`${file}-shm`, 'r');
    this.isOverwritten();
  }

  /** Compares what is there with the last look. An overwrite together with a checkpoint between two looks is not noticed. */
  isOverwritten(): boolean {
    const progress = this.#progress();
    const { mtimeNs, size } = fstatSync(this.#file, { bigint: true });
    const known = this.#known?.progress.equals(progress) === true ? this.#known : null;
    if (known?.mtimeNs === mtimeNs && known.size === size) return false;
    const sample = this.#read(this.#file, 0, SAMPLE);
    // A checkpoint that runs, or began meanwhile, writes the file by right.
    const isQuiet = isComplete(progress) && progress.equals(this.#progress());
    if (isQuiet && known !== null && !(known.size === size && known.sample.equals(sample))) return true;
    this.#known = isQuiet ? { progress, mtimeNs, size, sample } : null;
    return false;
  }

  /** The salts of the log, the pages that checkpoints have written and those that they set out to write. */
  #progress(): Buffer {
    const header = this.#read(this.#memory, 0, 136);
    return Buffer.concat([header.subarray(32, 40), header.subarray(96, 100), header.subarray(128, 132)]);
  }

  #read(descriptor: number, from: number, length: number): Buffer {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, length, from));
  }
}

function isComplete(progress: Buffer): boolean {
  return progress.length === 16 && progress.subarray(8, 12).equals(progress.subarray(12, 16));
}
