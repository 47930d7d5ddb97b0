import type { Tier } from '../../governance/tier.ts';
import type { Misplacement } from '../../governance/vault/vault-plan.ts';

/**
 * What an agent acts as in Vault: the entity that its role's alias leads to and the one with its name, which should be the same.
 * Where they are two, `policies` are those of both, and `disabled` says that both are.
 */
export interface VaultEntity {
  readonly agentId: string;
  /** The tier of its one tier policy; null if its policies are anything else. */
  readonly tier: Tier | null;
  /** All of its policies, as Vault names them. */
  readonly policies: readonly string[];
  readonly disabled: boolean;
  /** The ledger entry that it was last written for, from its metadata; null if it does not say. */
  readonly position: number | null;
  /** Whether an alias of the mount that agents log in at leads to it: without, nobody can log in as this agent. */
  readonly hasLogin: boolean;
  /** Why this is not the agent's own entity and nothing else; null or absent if it is. */
  readonly misplaced?: Misplacement | null;
}

/** All entities of a Vault as a list told of them. */
export interface VaultSurvey {
  readonly agents: readonly string[];
  /** The entity of an agent or null, as `Vault.entity` gives it: with one read where the list shows that all is as it was. */
  entity(agentId: string): Promise<VaultEntity | null>;
}

/** What an entity is to be. */
export interface VaultWish {
  readonly tier: Tier;
  /** The ledger entry that says so. */
  readonly position: number;
}

/**
 * Vault as far as tiers go. Every call ends within the client's timeout; what it throws is a VaultError. Every write is read
 * back, and throws unless Vault then has what was written.
 */
export interface Vault {
  /** How long one call may take in milliseconds: a request that was given up may still be applied until then. */
  readonly timeout: number;
  /** The entity of an agent, or null. */
  entity(agentId: string): Promise<VaultEntity | null>;
  /** The agents that have an entity, whether the ledger knows them or not. */
  agents(): Promise<readonly string[]>;
  /** The same, and a way to read their entities with fewer requests. */
  survey(): Promise<VaultSurvey>;
  /** Writes the tier policy and the position in one write, creating the entity if there is none; never touches `disabled` of one that exists. */
  grant(agentId: string, wish: VaultWish): Promise<void>;
  /**
   * Disables every entity that the agent acts as, and writes the lower policy and the position to its own in the same write;
   * the entity as it was before, or null.
   */
  lower(agentId: string, wish: VaultWish): Promise<VaultEntity | null>;
  /** Lifts `disabled`, and nothing else, of an entity that has the tier; throws if it then has another. */
  enable(agentId: string, tier: Tier): Promise<void>;
  /** Destroys the secret ids that were handed out for the agent, so that nobody logs in anew with one; how many there were. */
  destroySecretIds(agentId: string): Promise<number>;
  /** How long tokens of whoever logs in as the agent live at most, in seconds, 0 being Vault's own limit; null if it has no role. */
  tokenSeconds(agentId: string): Promise<number | null>;
  /** Has them live for 15 minutes at most, as they are to at T4. */
  capTokens(agentId: string): Promise<void>;
}
