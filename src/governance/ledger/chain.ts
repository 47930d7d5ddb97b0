import { createHash } from 'node:crypto';
import { canonicalText } from './digest.ts';
import type { NewEntry } from './entries.ts';

/** What the first entry follows. */
export const GENESIS = '0'.repeat(64);

/** An entry in its place: `hash` covers `previousHash` and everything else. */
export type ChainedEntry = NewEntry & {
  readonly seq: number;
  readonly recordedAt: number;
  readonly payloadText: string;
  readonly previousHash: string;
  readonly hash: string;
};

/** Where the chain ends. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
  readonly recordedAt: number;
}

/** SHA-256 of the previous hash followed by the RFC 8785 text of the rest of the entry. */
export function entryHash(
  previousHash: string,
  rest: Omit<ChainedEntry, 'previousHash' | 'hash' | 'payload'>,
): string {
  const { seq, at, recordedAt, type, agentId, actor, payloadText } = rest;
  return createHash('sha256')
    .update(previousHash)
    .update(canonicalText({ seq, at, recordedAt, type, agentId, actor, payload: payloadText }))
    .digest('hex');
}

/** The entry that follows a head; `recordedAt` never goes back. */
export function chain(head: Head, entry: NewEntry, now: number): ChainedEntry {
  const placed = {
    ...entry,
    seq: head.seq + 1,
    recordedAt: Math.max(now, head.recordedAt),
    payloadText: canonicalText(entry.payload),
  };
  return { ...placed, previousHash: head.hash, hash: entryHash(head.hash, placed) };
}
