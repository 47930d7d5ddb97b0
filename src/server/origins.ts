import type { IncomingMessage } from 'node:http';

/** Whether the page that a browser says it acts for may call: one of this server, or of a configured origin. No origin, no page. */
export function allowsOrigin(
  { headers: { origin, host } }: IncomingMessage,
  allowed: readonly string[],
): boolean {
  if (origin === undefined || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
