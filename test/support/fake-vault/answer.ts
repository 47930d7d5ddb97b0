import { randomBytes, randomUUID } from 'node:crypto';

/** What Vault answers: a status, and a body unless it is 204. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/** One request, as Vault's router sees it. */
export interface Asked {
  readonly operation: 'read' | 'update' | 'list' | 'delete';
  /** After `/v1/`; a list ends with a slash. */
  readonly path: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly token: string;
  readonly namespace: string;
  /** In seconds, or null. */
  readonly wrapTtl: number | null;
}

/** An error as Vault words it. */
export function failed(status: number, ...errors: readonly string[]): Answer {
  return { status, body: { errors } };
}

export const NO_CONTENT: Answer = { status: 204 };
export const NOT_FOUND: Answer = failed(404);
export const DENIED: Answer = failed(403, '1 error occurred:\n\t* permission denied\n\n');

/** A success with the envelope that Vault puts around data. */
export function answered(data: unknown, more: Readonly<Record<string, unknown>> = {}): Answer {
  const envelope = { request_id: randomUUID(), lease_id: '', renewable: false, lease_duration: 0 };
  const rest = { wrap_info: null, warnings: null, auth: null };
  return { status: 200, body: { ...envelope, data, ...rest, ...more } };
}

/** A list: of nothing it is not found. */
export function listed(keys: Iterable<string>): Answer {
  const sorted = [...keys].toSorted();
  return sorted.length === 0 ? NOT_FOUND : answered({ keys: sorted });
}

/** A random secret that looks like Vault's. */
export function randomSecret(prefix: string): string {
  return `${prefix}${randomBytes(18).toString('base64url')}`;
}

/** Seconds of `15m`, `900` or 900; null if it is nothing of the kind. */
export function secondsOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  const match = typeof value === 'string' ? /^(\d+)([smh]?)$/.exec(value) : null;
  if (match === null) return null;
  const unit = { '': 1, s: 1, m: 60, h: 3600 }[match[2] ?? ''] ?? 1;
  return Number(match[1]) * unit;
}

/** A list, or its elements between commas. */
export function stringsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  if (typeof value !== 'string' || value === '') return [];
  return value.split(',').map((each) => each.trim());
}
