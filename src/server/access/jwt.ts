import type { FlattenedJWSInput, JWTHeaderParameters } from 'jose';
import type * as Jose from 'jose';
import type { Clock } from '../../app/ports/world.ts';
import type { JwtConfig } from '../../config/jwt.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import { KeySet } from './jwks.ts';
import { ClaimsError, principalOfClaims } from './jwt-claims.ts';
import type { Log } from '../log.ts';

/** Signed with a key that only the issuer has; with a shared secret, whoever checks a token could make one. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** How far the issuer's clock may be ahead; how far behind makes no difference: what has expired has. */
const AHEAD_S = 5;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

interface JwtOptions {
  readonly config: JwtConfig;
  readonly clock: Clock;
  readonly log: Log;
}

/** Makes principals of JSON Web Tokens. */
export async function openJwt(options: JwtOptions): Promise<JwtPrincipals> {
  const jose = await import('jose');
  const { config, clock, log } = options;
  return new JwtPrincipals(options, jose, new KeySet({ jose, url: config.jwksUrl, clock, log }));
}

/** The principals of JSON Web Tokens; each is known by the key that its token was signed with. */
export class JwtPrincipals {
  readonly #options: JwtOptions;
  readonly #jose: typeof Jose;
  readonly #keys: KeySet;
  readonly #signedWith = new WeakMap<Principal, string>();

  constructor(options: JwtOptions, jose: typeof Jose, keys: KeySet) {
    this.#options = options;
    this.#jose = jose;
    this.#keys = keys;
  }

  /**
   * The principal of a token; null for one that lets nobody in. Why is logged for whoever asks, and not told: it would help
   * to guess.
   * @throws GraphQLError OVERLOADED if the issuer's keys can't be fetched
   */
  async authenticate(token: string): Promise<Principal | null> {
    if (!JWT.test(token)) return null;
    const { config, log } = this.#options;
    try {
      const { payload, key } = await this.#verified(token);
      const { principal, unknownRoles } = principalOfClaims(payload, config);
      if (unknownRoles.length > 0)
        log.debug({ principal: principal.id, unknownRoles }, 'a token names roles that are not known');
      this.#signedWith.set(principal, await this.#keys.thumbprintOf(key));
      return this.holds(principal) ? principal : null;
    } catch (error) {
      const reason = this.#reasonOf(error);
      if (reason === null) throw error;
      log.debug({ reason }, 'a token lets nobody in');
      return null;
    }
  }

  holds(principal: Principal): boolean {
    const thumbprint = this.#signedWith.get(principal);
    const { expiresAt } = principal;
    if (thumbprint === undefined || expiresAt === null) return false;
    return this.#keys.holds(thumbprint) && this.#options.clock.now() < expiresAt;
  }

  /** Fetches the issuer's keys again. */
  refresh(): Promise<void> {
    return this.#keys.refresh();
  }

  onChange(listener: () => void): () => void {
    return this.#keys.onChange(listener);
  }

  close(): void {
    this.#keys.close();
  }

  #verified(token: string) {
    const { config, clock } = this.#options;
    const getKey = (header: JWTHeaderParameters, jws: FlattenedJWSInput) => this.#keys.key(header, jws);
    return this.#jose.jwtVerify(token, getKey, {
      algorithms: ALGORITHMS,
      issuer: config.issuer,
      audience: config.audience,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: AHEAD_S,
      currentDate: new Date(clock.now()),
    });
  }

  /** What is wrong with a token, in words that hold nothing of it; null if it is not the token that is wrong. */
  #reasonOf(error: unknown): string | null {
    if (error instanceof ClaimsError) return error.message;
    return error instanceof this.#jose.errors.JOSEError ? error.code : null;
  }
}
