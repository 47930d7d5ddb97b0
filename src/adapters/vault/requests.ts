import type { Fields } from './answers.ts';

/** The segments of a path: each is escaped, so that none can lead elsewhere. */
export type VaultPath = readonly string[];

/** One request, as node-vault is asked for it. */
export interface VaultRequest {
  readonly method: 'GET' | 'LIST' | 'POST';
  readonly path: VaultPath;
  readonly data?: Fields;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks without looking at who asks: null for 404 and 204. */
export type Ask = (request: VaultRequest) => Promise<Fields | null>;
