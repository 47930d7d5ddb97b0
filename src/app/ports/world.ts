import type { ClockAnchor, ClockDoubt } from '../../governance/clock-witness.ts';

/** The one source of time: UTC milliseconds. */
export interface Clock {
  now(): number;
}

/** The clock that counts since the machine was booted, in milliseconds, time asleep included. */
export interface BootClock extends Clock {
  /** Names the boot: counts of two boots can't be compared. */
  readonly id: string;
}

/** Holds the wall clock against what the machine and the ledger know of time (design rule 3.2). */
export interface ClockWitness {
  /** Why the wall clock is not believed now, or null. */
  doubt(): ClockDoubt | null;
  /** Calls when a doubt begins, and with null when it ends. */
  onTurn(listener: (doubt: ClockDoubt | null) => void): void;
  /** Takes in where the ledger stands, and the reading that was believed last by any process. */
  learn(found: { readonly recordedAt: number; readonly anchor: ClockAnchor | null }): void;
  /** A believed reading that the database does not hold yet, or null. */
  toKeep(): ClockAnchor | null;
  /** Believes the wall clock as it stands, although it may be behind a ledger that ends at `recordedAt`. */
  accept(recordedAt: number): ClockAnchor;
}

/** Wakes at an instant: never before it, and soon after it. */
export interface Alarm {
  /** Replaces whatever was set. */
  set(instant: number, wake: () => void): void;
  clear(): void;
}

/** The one source of randomness. */
export interface Ids {
  /** 32 random hex digits. */
  next(): string;
}

/** A payload-free wake-up that new entries exist. Losing one costs time, never data. */
export interface Doorbell {
  ring(): void;
  /** Listens until the returned function is called. */
  listen(wake: () => void): () => void;
}

/** Counts what happens; the server exposes it. */
export interface Meter {
  /** One command, by the code it was refused with, or `DONE`. */
  command(command: string, code: string): void;
}
