import { z } from 'zod';

/** A secret that is sent in a header. */
export const SECRET = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]+$/, 'must be one word of printable ASCII characters')
  .optional();

/** What is fetched here says whom to believe: it must come unchanged. */
export function isSecureUrl(text: string): boolean {
  if (!isHttpUrl(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  return (protocol === 'https:' || isLocal) && username === '' && password === '';
}

/** Whether a URL ends with its host and port. */
export function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { pathname, search, hash } = new URL(text);
  return pathname === '/' && search === '' && hash === '';
}

/** Whether a text is an http:// or https:// URL. */
export function isHttpUrl(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text);
}
