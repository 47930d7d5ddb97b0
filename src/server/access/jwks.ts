import type { CryptoKey, FlattenedJWSInput, JWTHeaderParameters } from 'jose';
import type * as Jose from 'jose';
import type { Clock } from '../../app/ports/world.ts';
import type { Log } from '../log.ts';
import { wireError } from '../wire-codes.ts';

const TIMEOUT_MS = 5_000;
/** So long a key is believed after it was fetched; it is fetched again as often, so that one that was withdrawn ends. */
const KEPT_MS = 600_000;
/** How long nobody asks for a key set again: one that lacks a key, and one that could not be fetched. */
const UNKNOWN_KEY_MS = 30_000;
const FAILED_MS = 1_000;
const LEAST_RSA_BITS = 2_048;
/** What is wrong with a token rather than with the key set. */
const OF_THE_TOKEN = ['ERR_JWKS_NO_MATCHING_KEY', 'ERR_JWKS_MULTIPLE_MATCHING_KEYS'];

interface KeySetOptions {
  readonly jose: typeof Jose;
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The keys of whoever issues tokens: fetched when first needed, kept, and compared with those that tokens were signed with. */
export class KeySet {
  readonly #options: KeySetOptions;
  readonly #remote: Jose.RemoteJWKSet;
  readonly #closed = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #thumbprints = new WeakMap<CryptoKey, string>();
  readonly #timer: NodeJS.Timeout;
  #current: ReadonlySet<string> = new Set();
  #fetched = false;
  #compared: Promise<void> = Promise.resolve();
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(options: KeySetOptions) {
    this.#options = options;
    const { jose, url } = options;
    this.#remote = jose.createRemoteJWKSet(new URL(url), {
      timeoutDuration: TIMEOUT_MS,
      cacheMaxAge: KEPT_MS,
      cooldownDuration: UNKNOWN_KEY_MS,
      [jose.customFetch]: (input, init) => this.#fetch(input, init),
    });
    this.#timer = setInterval(() => void this.refresh(), KEPT_MS);
  }

  /**
   * The key that a token says it was signed with.
   * @throws GraphQLError OVERLOADED if the keys can't be fetched now, JOSEError if there is no such key
   */
  async key(header: JWTHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    try {
      const key = await this.#remote(header, token);
      await this.#compare();
      if (isWeak(key)) throw new this.#options.jose.errors.JWKSNoMatchingKey();
      return key;
    } catch (error) {
      if (error instanceof this.#options.jose.errors.JOSEError && OF_THE_TOKEN.includes(error.code))
        throw error;
      throw unavailable();
    }
  }

  /** What a key is known by, whatever it is called. */
  async thumbprintOf(key: CryptoKey): Promise<string> {
    const { jose } = this.#options;
    const thumbprint =
      this.#thumbprints.get(key) ?? (await jose.calculateJwkThumbprint(await jose.exportJWK(key)));
    this.#thumbprints.set(key, thumbprint);
    return thumbprint;
  }

  /** Whether a key is still one of the set. */
  holds(thumbprint: string): boolean {
    return this.#current.has(thumbprint);
  }

  /** Fetches the set again. One that can't be fetched leaves what is known in force, for as long as it is kept. */
  async refresh(): Promise<void> {
    this.#failedAt = Number.NEGATIVE_INFINITY;
    await this.#remote
      .reload()
      .then(() => this.#compare())
      .catch(() => undefined);
  }

  /** Calls when keys came or went, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#closed.abort();
  }

  /** What is kept is believed meanwhile: only whose key is not known waits for the next fetch. */
  async #fetch(...[url, init]: Parameters<Jose.FetchImplementation>): Promise<Response> {
    if (this.#options.clock.now() - this.#failedAt < FAILED_MS) throw unavailable();
    try {
      const signal = AbortSignal.any([init.signal, this.#closed.signal]);
      const response = await fetch(url, { ...init, signal });
      if (response.status !== 200) throw new Error(`it answered ${response.status}`);
      // Read here, so that whatever breaks off while it is read counts as not fetched.
      const body = JSON.stringify(await response.json());
      this.#fetched = true;
      return new Response(body);
    } catch (err) {
      this.#failedAt = this.#options.clock.now();
      if (!this.#closed.signal.aborted)
        this.#options.log.warn({ url, err }, 'the keys of tokens could not be fetched');
      throw err;
    }
  }

  /** Whoever comes while keys are compared waits for it, or a new key would not count yet. */
  #compare(): Promise<void> {
    if (this.#fetched) this.#compared = this.#compareNow();
    this.#fetched = false;
    return this.#compared;
  }

  async #compareNow(): Promise<void> {
    const { jose } = this.#options;
    const keys = this.#remote.jwks()?.keys ?? [];
    const thumbprints = await Promise.all(
      keys.map((key) => jose.calculateJwkThumbprint(key).catch(() => '')),
    );
    this.#current = new Set(thumbprints);
    for (const listener of this.#listeners) listener();
  }
}

/** Whether jose would not check a signature with it, and would take that for a fault of its caller. */
function isWeak({ algorithm }: CryptoKey): boolean {
  return 'modulusLength' in algorithm && Number(algorithm.modulusLength) < LEAST_RSA_BITS;
}

function unavailable(): Error {
  return wireError(
    'OVERLOADED',
    'Tokens can’t be checked now: the keys they are signed with can’t be fetched. Try again.',
  );
}
