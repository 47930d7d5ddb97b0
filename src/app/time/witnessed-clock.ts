import {
  ANCHOR_AGE,
  isSameBoot,
  judgeClock,
  type ClockAnchor,
  type ClockDoubt,
  type ClockReading,
  type Judgement,
} from '../../governance/clock-witness.ts';
import type { BootClock, Clock, ClockWitness } from '../ports/world.ts';

/** How long a judgement holds, and by how much the wall clock may move meanwhile, in milliseconds of the stopwatch. */
const JUDGED_FOR = 500;
const UNNOTICED = 50;

interface Machine {
  readonly wall: Clock;
  readonly boot: BootClock;
  /** It costs less to read than the boot clock, and stands still while the machine sleeps. */
  readonly stopwatch: Clock;
}

/**
 * The ledger's clock: the wall clock as long as its witnesses agree with it or an operator has accepted it, else the last believed
 * time plus what the boot clock has counted since. Whoever asks for the time never sees a doubtful one.
 */
export class WitnessedClock implements Clock, ClockWitness {
  readonly #machine: Machine;
  readonly #began: ClockReading;
  #anchor: ClockAnchor | null = null;
  #recordedAt = -Infinity;
  #unsaved = false;
  #agreed: { readonly wall: number; readonly at: number } | null = null;
  #doubted = false;
  #listener: (doubt: ClockDoubt | null) => void = () => undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#began = this.#read();
  }

  now(): number {
    const { wall, stopwatch } = this.#machine;
    if (this.#agreed !== null) {
      const elapsed = stopwatch.now() - this.#agreed.at;
      const now = wall.now();
      if (elapsed < JUDGED_FOR && Math.abs(now - this.#agreed.wall - elapsed) < UNNOTICED) return now;
    }
    return this.#judge().now;
  }

  doubt(): ClockDoubt | null {
    return this.#judge().doubt;
  }

  onTurn(listener: (doubt: ClockDoubt | null) => void): void {
    this.#listener = listener;
  }

  learn({ recordedAt, anchor }: { readonly recordedAt: number; readonly anchor: ClockAnchor | null }): void {
    this.#recordedAt = recordedAt;
    if (anchor === null) return;
    if (anchor.boot === this.#anchor?.boot && anchor.accepted === this.#anchor.accepted)
      this.#unsaved = false;
    if (this.#isNews(anchor)) {
      this.#anchor = anchor;
      this.#unsaved = false;
      this.#agreed = null;
    }
  }

  toKeep(): ClockAnchor | null {
    this.#judge();
    return this.#unsaved ? this.#anchor : null;
  }

  accept(recordedAt: number): ClockAnchor {
    const reading = this.#read();
    this.#anchor = { ...reading, accepted: Math.max(recordedAt, reading.wall) };
    this.#unsaved = true;
    this.#agreed = null;
    return this.#anchor;
  }

  /** Another process may have kept a later anchor, and an operator may have accepted this clock. */
  #isNews(anchor: ClockAnchor): boolean {
    const own = this.#anchor;
    if (own === null || anchor.accepted > own.accepted) return true;
    return isSameBoot(own, anchor) && anchor.boot > own.boot;
  }

  #judge(): Judgement {
    const reading = this.#read();
    const judgement = judgeClock(reading, {
      anchor: this.#anchor,
      recordedAt: this.#recordedAt,
      began: this.#began,
    });
    if (judgement.doubt === null || judgement.doubt.accepted) this.#believe(reading);
    if (judgement.doubt !== null) this.#agreed = null;
    if (this.#doubted !== (judgement.doubt !== null)) {
      this.#doubted = judgement.doubt !== null;
      this.#listener(judgement.doubt);
    }
    return judgement;
  }

  #believe(reading: ClockReading): void {
    this.#agreed = { wall: reading.wall, at: this.#machine.stopwatch.now() };
    const anchor = this.#anchor;
    if (anchor !== null && isSameBoot(anchor, reading) && reading.boot - anchor.boot < ANCHOR_AGE) return;
    this.#anchor = { ...reading, accepted: anchor?.accepted ?? 0 };
    this.#unsaved = true;
  }

  #read(): ClockReading {
    const { wall, boot } = this.#machine;
    return { wall: wall.now(), boot: boot.now(), bootId: boot.id };
  }
}

/** The witness of a clock that is believed whatever it says, such as one that is moved by hand. */
export const NO_WITNESS: ClockWitness = {
  doubt: () => null,
  onTurn: () => undefined,
  learn: () => undefined,
  toKeep: () => null,
  accept: () => {
    throw new Error('This clock has no witness.');
  },
};
