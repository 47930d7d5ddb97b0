import { expect, vi } from 'vitest';
import type { Service } from './given-service.ts';

/** The bytes by which a server closes a WebSocket. */
export function closing(code: number): Buffer {
  return Buffer.from([0x88, 2, code >> 8, code & 0xff]);
}

/**
 * Breaks the connections of a service again and again while its story goes on: with and without a gap, while a client still
 * comes back, while it catches up, and once it has.
 */
export async function breakAgainAndAgain(
  { wire, story }: Service,
  caughtUp: () => Promise<void>,
): Promise<void> {
  for (let time = 0; time < 24; time += 1) {
    const made = wire.connections();
    wire.cut();
    await story.goOn(time % 3);
    wire.restore();
    if (time % 4 === 0) continue;
    if (time % 4 === 1) await vi.waitFor(() => expect(wire.connections()).toBeGreaterThan(made), 20_000);
    else await caughtUp();
    await story.goOn(time % 2);
  }
  await caughtUp();
}
