import { userInfo } from 'node:os';

/** The name of the operating system's user; its number where it has no name. */
export function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** Who works on the database directly: `operator:NAME`, who can approve nothing. */
export function operator() {
  return { id: `operator:${osUser()}`, kind: 'PERSON' } as const;
}
