import type { Clock } from '../../app/ports/world.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import { unauthenticated } from '../access/caller.ts';
import type { Tokens } from '../access/tokens.ts';
import { wireError } from '../wire-codes.ts';

/** Nothing is armed for longer: a timer of more than 24.8 days fires at once. */
const LONGEST_MS = 60_000;

/** What stays open for a principal: a socket, or a subscription over SSE. */
export interface Connection {
  /** Null until it has said who it is: then it is not held. */
  readonly principal: Principal | null;
  /** Ends it because its token has gone, or no longer says the same. */
  revoke(): void;
}

interface ConnectionsOptions {
  readonly tokens: Tokens;
  readonly clock: Clock;
  /** How many one principal may hold. */
  readonly most: number;
}

/** Every connection that stays open, so that a principal holds only so many, and none outlives its token. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #held = new Map<string, Set<Connection>>();
  readonly #stopListening: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.#stopListening = options.tokens.onChange(() => this.#revokeStale());
  }

  /**
   * Counts a connection of a principal until it is released.
   * @throws GraphQLError LIMIT_EXCEEDED, or UNAUTHENTICATED if its rights have changed since it was let in
   */
  hold(connection: Connection, principal: Principal): void {
    const { id, expiresAt } = principal;
    if (!this.#options.tokens.holds(principal)) throw unauthenticated();
    const held = this.#held.get(id) ?? new Set();
    if (held.size >= this.#options.most)
      throw wireError(
        'LIMIT_EXCEEDED',
        `${id} holds ${held.size} connections open already, as many as it may.`,
      );
    this.#held.set(id, held.add(connection));
    if (expiresAt !== null) this.#arm();
  }

  /** Counts it no longer, if it was counted. */
  release(connection: Connection): void {
    const id = connection.principal?.id ?? '';
    const held = this.#held.get(id);
    if (held?.delete(connection) === true && held.size === 0) this.#held.delete(id);
  }

  /** Stops watching; ends nothing. */
  close(): void {
    clearTimeout(this.#timer);
    this.#stopListening();
  }

  #revokeStale(): void {
    for (const connection of this.#all()) {
      const { principal } = connection;
      if (principal === null || this.#options.tokens.holds(principal)) continue;
      this.release(connection);
      connection.revoke();
    }
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const expiries = this.#all().flatMap(({ principal }) => principal?.expiresAt ?? []);
    if (expiries.length === 0) return;
    const wait = Math.min(...expiries) - this.#options.clock.now();
    this.#timer = setTimeout(() => this.#revokeStale(), Math.min(Math.max(wait, 1), LONGEST_MS));
  }

  #all(): readonly Connection[] {
    return [...this.#held.values()].flatMap((held) => [...held]);
  }
}
