import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { BootClock } from '../../app/ports/world.ts';

/**
 * The clock that counts since the machine was booted, time asleep included. Linux names each boot; where a system does not,
 * each process counts as a boot of its own, and only itself has a witness.
 */
export const bootClock: BootClock = {
  id: bootId(),
  now: () => Math.round(uptime() * 1_000),
};

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return randomUUID();
  }
}
