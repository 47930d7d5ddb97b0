import type { Clock } from '../../app/ports/world.ts';
import { VaultError } from '../../app/ports/vault-error.ts';
import { VAULT_MOUNT } from '../../governance/vault/vault-names.ts';
import { fieldsOf, headerOf, secondsOf, type Fields } from './answers.ts';
import type { Ask } from './requests.ts';

/** As whom Vault is asked: with a token, or by logging in as a role. */
export type Credentials =
  | { readonly kind: 'TOKEN'; readonly token: string }
  | { readonly kind: 'APP_ROLE'; readonly roleId: string; readonly secretId: string };

/** How long a token that can't be renewed now is used before that is tried again. */
const RENEW_AGAIN = 10_000;

/** Old tokens are remembered as secrets, but not all of them. */
const MOST_TOKENS = 8;

interface Held {
  readonly token: string;
  /** In seconds, as it was first given; 0: it does not end. */
  readonly ttl: number;
  /** From when on it is renewed before it is used. */
  readonly renewAt: number;
  readonly endsAt: number;
}

/**
 * The token that Vault is asked with. It is renewed at half its life, by whichever request comes then: whoever compares every 30
 * seconds needs no timer for that. A role logs in anew where renewing comes to an end, and where its token no longer counts.
 */
export class Session {
  #held: Held | null = null;
  #opening: Promise<Held> | null = null;
  readonly #secrets: string[] = [];

  constructor(
    private readonly credentials: Credentials,
    private readonly clock: Clock,
  ) {
    const { kind: _, ...secrets } = credentials;
    this.#secrets.push(...Object.values(secrets));
  }

  /** What must be read nowhere: what it was given, and the newest tokens it has been given for that. */
  secrets(): readonly string[] {
    return this.#secrets;
  }

  /** Asks with a token that counts. */
  asking(ask: Ask): Ask {
    return async (request) => {
      const held = await this.#current(ask);
      const withToken = ({ token }: Held) =>
        ask({ ...request, headers: { ...request.headers, 'X-Vault-Token': token } });
      try {
        return await withToken(held);
      } catch (error) {
        if (!isDenied(error) || this.credentials.kind === 'TOKEN') throw error;
        if (this.#held === held && (await counts(ask, held))) throw error;
        if (this.#held === held) this.#held = null;
        return withToken(await this.#current(ask));
      }
    };
  }

  /** Whoever comes while it is being opened waits for that. */
  async #current(ask: Ask): Promise<Held> {
    const held = this.#held;
    if (held !== null && this.clock.now() < held.renewAt) return held;
    this.#opening ??= this.#open(ask, held).finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #open(ask: Ask, held: Held | null): Promise<Held> {
    this.#held = (held === null ? null : await this.#renewed(ask, held)) ?? (await this.#first(ask));
    return this.#held;
  }

  /** Null: it has to log in anew. A token that was given can't: it is used for as long as it lasts. */
  async #renewed(ask: Ask, held: Held): Promise<Held | null> {
    const { token, ttl } = held;
    const isRole = this.credentials.kind === 'APP_ROLE';
    const now = this.clock.now();
    try {
      const path = ['auth', 'token', 'renew-self'];
      const answer = await ask({ method: 'POST', path, data: {}, headers: { 'X-Vault-Token': token } });
      const left = secondsOf(fieldsOf(answer?.auth, 'auth').lease_duration, 'lease_duration');
      return isRole && left < ttl / 2 ? null : this.#holding(token, ttl, left);
    } catch (error) {
      if (isDenied(error) || isRefused(error)) return isRole ? null : { ...held, renewAt: Infinity };
      if (now >= held.endsAt) throw error;
      return { ...held, renewAt: now + RENEW_AGAIN };
    }
  }

  async #first(ask: Ask): Promise<Held> {
    if (this.credentials.kind === 'TOKEN') return this.#given(ask, this.credentials.token);
    const { roleId, secretId } = this.credentials;
    const data = { role_id: roleId, secret_id: secretId };
    const answer = await ask({ method: 'POST', path: ['auth', VAULT_MOUNT, 'login'], data }).catch(
      loginError,
    );
    if (answer === null) {
      const message = `Vault has nothing at auth/${VAULT_MOUNT}/: set it up, or name its VAULT_NAMESPACE`;
      throw new VaultError('DENIED', message, true);
    }
    const auth = fieldsOf(answer.auth, 'auth');
    const ttl = secondsOf(auth.lease_duration, 'lease_duration');
    const token = headerOf(auth.client_token, 'client_token');
    this.#secrets.splice(2, MOST_TOKENS, token, ...this.#secrets.slice(2, MOST_TOKENS));
    return this.#holding(token, ttl, ttl);
  }

  /** A token that may not look itself up is used as it is. */
  async #given(ask: Ask, token: string): Promise<Held> {
    try {
      const { ttl, renewable } = await lookUp(ask, token);
      const seconds = renewable === true ? secondsOf(ttl, 'ttl') : 0;
      return this.#holding(token, seconds, seconds);
    } catch (error) {
      if (isDenied(error)) return this.#holding(token, 0, 0);
      throw error;
    }
  }

  #holding(token: string, ttl: number, left: number): Held {
    if (ttl === 0) return { token, ttl, renewAt: Infinity, endsAt: Infinity };
    const now = this.clock.now();
    return { token, ttl, renewAt: now + (left * 1000) / 2, endsAt: now + left * 1000 };
  }
}

/** Whether Vault still knows a token: if so, what was denied is denied to whom it belongs. */
async function counts(ask: Ask, { token }: Held): Promise<boolean> {
  try {
    await lookUp(ask, token);
    return true;
  } catch (error) {
    if (isDenied(error)) return false;
    throw error;
  }
}

async function lookUp(ask: Ask, token: string): Promise<Fields> {
  const path = ['auth', 'token', 'lookup-self'];
  const answer = await ask({ method: 'GET', path, headers: { 'X-Vault-Token': token } });
  return fieldsOf(answer?.data, 'data');
}

function loginError(error: unknown): never {
  if (!isRefused(error)) throw error;
  const message = `Vault lets nobody in by VAULT_ROLE_ID and VAULT_SECRET_ID at auth/${VAULT_MOUNT}/login: issue a new secret id`;
  throw new VaultError('DENIED', message, true);
}

function isDenied(error: unknown): boolean {
  return error instanceof VaultError && error.kind === 'DENIED';
}

function isRefused(error: unknown): boolean {
  return error instanceof VaultError && error.kind === 'REFUSED' && !error.retryable;
}
