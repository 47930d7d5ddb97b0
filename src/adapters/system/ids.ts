import { randomBytes } from 'node:crypto';
import type { Ids } from '../../app/ports/world.ts';

/** Ids of 128 random bits, good enough to be secrets. */
export const randomIds: Ids = { next: () => randomBytes(16).toString('hex') };
