import { expect, vi } from 'vitest';
import type { Service } from './given-service.ts';

/** The bytes by which a server closes a WebSocket. */
export function closing(code: number): Buffer {
  return Buffer.from([0x88, 2, code >> 8, code & 0xff]);
}

/**
 * Breaks the connections of a service again and again while its story goes on: at once, in a gap, while a client catches
 * up, and before a client has come back.
 */
export async function breakAgainAndAgain(service: Service, times: number): Promise<void> {
  const { wire, story } = service;
  for (let time = 0; time < times; time += 1) {
    const made = wire.connections();
    wire.cut();
    await story.goOn(time % 3);
    wire.restore();
    if (time % 4 === 3) continue;
    await vi.waitFor(() => expect(wire.connections()).toBeGreaterThan(made), 10_000);
    await story.goOn(time % 2);
  }
}
