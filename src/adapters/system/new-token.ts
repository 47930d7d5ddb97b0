import { randomBytes } from 'node:crypto';

/** A bearer token of 256 random bits; its beginning tells scanners of secrets whose it is. */
export function newToken(): string {
  return `tk_${randomBytes(32).toString('base64url')}`;
}
