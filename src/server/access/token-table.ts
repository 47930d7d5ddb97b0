import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../app/ports/world.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import { hashToken, type PrincipalsByHash } from './tokens-file.ts';

/** The principals that may come in now. One that a change leaves as it was stays the same object, so `holds` knows it. */
export class TokenTable {
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  #byHash: PrincipalsByHash;
  #current: ReadonlySet<Principal>;

  constructor(clock: Clock, principals: PrincipalsByHash) {
    this.#clock = clock;
    this.#byHash = principals;
    this.#current = new Set(principals.values());
  }

  /** The principal of a token; null if there is none, or it has expired. */
  find(token: string): Principal | null {
    const principal = this.#byHash.get(hashToken(token));
    return principal !== undefined && this.holds(principal) ? principal : null;
  }

  holds(principal: Principal): boolean {
    const { expiresAt } = principal;
    return this.#current.has(principal) && (expiresAt === null || this.#clock.now() < expiresAt);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  replace(principals: PrincipalsByHash): void {
    const kept = [...principals].map(([hash, principal]) => {
      const before = this.#byHash.get(hash);
      return [hash, isDeepStrictEqual(before, principal) ? (before ?? principal) : principal] as const;
    });
    this.#byHash = new Map(kept);
    this.#current = new Set(this.#byHash.values());
    for (const listener of this.#listeners) listener();
  }
}
