import { VaultError } from '../../app/ports/vault-error.ts';

/** An answer's object, of unknown values. */
export type Fields = Readonly<Record<string, unknown>>;

/** A value that must be an object. */
export function fieldsOf(value: unknown, what: string): Fields {
  if (isFields(value)) return value;
  throw unexpected(what);
}

/** The same, where Vault may say null. */
export function optionalFieldsOf(value: unknown, what: string): Fields {
  return value === null || value === undefined ? {} : fieldsOf(value, what);
}

/** A value that must be a text. */
export function textOf(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw unexpected(what);
}

/** A value that must be a text that can be sent in a header: nobody learns that one is wrong which can't even be sent. */
export function headerOf(value: unknown, what: string): string {
  if (typeof value === 'string' && /^[\x21-\x7e]{1,4096}$/.test(value)) return value;
  throw unexpected(what);
}

/** A value that must be a number of seconds. */
export function secondsOf(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw unexpected(what);
}

/** A value that must be true or false. */
export function flagOf(value: unknown, what: string): boolean {
  if (typeof value === 'boolean') return value;
  throw unexpected(what);
}

/** A list of texts, where Vault may say null. */
export function textsOf(value: unknown, what: string): readonly string[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value) && value.every((each): each is string => typeof each === 'string')) return value;
  throw unexpected(what);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Nothing of the answer is repeated: it may hold secrets. */
function unexpected(what: string): VaultError {
  return new VaultError(
    'NOT_VAULT',
    `Vault's answer is not understood: ${what} is missing or of another type`,
    true,
  );
}
