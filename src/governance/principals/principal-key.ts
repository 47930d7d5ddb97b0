import { digestOf } from '../ledger/digest.ts';

/**
 * The opaque key by which entries name a principal: a salted digest of its id, so that nobody can put another name behind
 * it, and nobody can tell the name from it once the salt is erased.
 */
export function principalKey(salt: string, id: string): string {
  return digestOf(['principal', salt, id]).slice(0, 32);
}

/** How an erased principal is shown: by its key, which stays the same wherever it acted. */
export function erasedId(key: string): string {
  return `erased:${key}`;
}
