import { z } from 'zod';

/** A secret that is sent in a header. */
export const SECRET = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'must be one word of printable ASCII characters')
  .optional();

/** What is fetched here says whom to believe: it must come unchanged. */
export function isSecureUrl(text: string): boolean {
  if (!isHttpUrl(text)) return false;
  const url = new URL(text);
  return (url.protocol === 'https:' || isOnThisMachine(url)) && !hasCredentials(url);
}

/** Whether what is sent to a URL never leaves this machine. */
export function isOnThisMachine({ hostname }: URL): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/** Whether a URL says as whom to ask. */
export function hasCredentials({ username, password }: URL): boolean {
  return username !== '' || password !== '';
}

/** Whether a text is an http:// or https:// URL. */
export function isHttpUrl(text: string): boolean {
  return /^https?:/i.test(text) && URL.canParse(text);
}
