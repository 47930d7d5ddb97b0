import type { Vote } from '../../governance/candidacy.ts';
import type { PrincipalKind } from '../../governance/principals/principal.ts';

/** An agent and somebody who may have had to do with it; `since` is the `seq` after which having owned it matters, if any. */
export interface InvolvedPair {
  readonly agentId: string;
  readonly principalKey: string;
  readonly since: number | null;
}

/** Whether somebody has recorded a run of an agent, and whether they owned it after an entry but no longer do. */
export interface Involvement {
  readonly recorded: boolean;
  readonly owned: boolean;
}

/** A vote that was cast, by the entry that recorded it. */
export interface CastVote extends Vote {
  readonly seq: number;
}

/** A free text that can be erased, and the entry that refers to it. */
export interface ErasableText {
  readonly id: string;
  readonly seq: number;
  readonly agentId: string | null;
  readonly actorKey: string;
  readonly recordedAt: number;
  /** Whether it is erased already. */
  readonly blank: boolean;
}

/** Reads what principals did. Results stand in the order of what was asked. */
export interface PeopleReader {
  /** The opaque keys of the principals that are known, by id. */
  knownKeys(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** What each principal has had to do with each agent. */
  involvements(pairs: readonly InvolvedPair[]): Promise<readonly Involvement[]>;
  /** The votes of each candidacy, oldest first; those of erased people, who could vote again, no longer count. */
  votes(candidacies: readonly number[]): Promise<ReadonlyMap<number, readonly CastVote[]>>;
  /** The entry that refers to a text, or null. It may have to read every entry. */
  entryOfText(textId: string): Promise<number | null>;
}

/** Names principals, and erases what identifies them. */
export interface PeopleWriter {
  /** The opaque keys of people named by id, made on first sight. */
  principalKeys(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The opaque key of the actor, made on first sight; its kind is kept true. */
  actorKey(principal: { readonly id: string; readonly kind: PrincipalKind }): Promise<string>;
  principal(id: string): Promise<{ readonly key: string; readonly kind: PrincipalKind } | null>;
  /** The free text that an entry refers to, in its payload or by its violation; null if there is none. */
  textOfEntry(seq: number): Promise<ErasableText | null>;
  /** Blanks a text, and what it could be guessed from, for good. */
  blankText(text: ErasableText): Promise<void>;
  /** Blanks a principal's name, for good. */
  blankPrincipal(key: string): Promise<void>;
}
