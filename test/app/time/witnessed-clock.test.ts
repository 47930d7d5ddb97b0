import { describe, expect, it } from 'vitest';
import { WitnessedClock } from '../../../src/app/time/witnessed-clock.ts';
import { ANCHOR_AGE } from '../../../src/governance/clock-witness.ts';

const START = Date.UTC(2026, 5, 1);

/** A machine whose clocks a test moves: all together, or the wall clock alone. */
function givenMachine(bootId = 'one') {
  let elapsed = 0;
  let step = 0;
  const machine = {
    wall: { now: () => START + elapsed + step },
    boot: { id: bootId, now: () => 1_000 + elapsed },
    stopwatch: { now: () => elapsed },
  };
  return {
    machine,
    pass: (milliseconds: number) => (elapsed += milliseconds),
    move: (milliseconds: number) => (step += milliseconds),
  };
}

describe('the ledger’s clock', () => {
  it('goes on with the boot clock while the wall clock is wrong, and tells both turns once', () => {
    const { machine, pass, move } = givenMachine();
    const clock = new WitnessedClock(machine);
    const turns: boolean[] = [];
    clock.onTurn((doubt) => turns.push(doubt !== null));
    expect(clock.now()).toBe(START);
    move(8 * 86_400_000);
    pass(1_000);
    expect([clock.now(), clock.doubt()?.kind]).toEqual([START + 1_000, 'LEFT_WITNESS']);
    move(-8 * 86_400_000);
    pass(1_000);
    expect([clock.now(), clock.doubt()]).toEqual([START + 2_000, null]);
    expect(turns).toEqual([true, false]);
  });

  it('notices a step between two looks that follow each other at once', () => {
    const { machine, move } = givenMachine();
    const clock = new WitnessedClock(machine);
    expect(clock.now()).toBe(START);
    move(6_000);
    expect(clock.now()).toBe(START);
  });

  it('can’t be walked away in small steps: an hour allows five seconds', () => {
    const { machine, pass, move } = givenMachine();
    const clock = new WitnessedClock(machine);
    for (let second = 0; second < 600; second += 1) {
      move(40);
      pass(1_000);
      clock.now();
    }
    expect(Math.abs(clock.now() - START - 600_000)).toBeLessThanOrEqual(5_000);
  });

  it('follows honest corrections of a few seconds a day for months', () => {
    const { machine, pass, move } = givenMachine();
    const clock = new WitnessedClock(machine);
    for (let day = 0; day < 100; day += 1) {
      move(2_000);
      for (let hour = 0; hour < 24; hour += 1) {
        pass(ANCHOR_AGE);
        expect(clock.doubt()).toBeNull();
      }
    }
  });

  it('knows after a restart of the process what was believed before, and keeps what is news', () => {
    const { machine, pass, move } = givenMachine();
    const first = new WitnessedClock(machine);
    first.learn({ recordedAt: START, anchor: null });
    const kept = first.toKeep();
    expect(kept).toMatchObject({ wall: START, bootId: 'one' });
    first.learn({ recordedAt: START, anchor: kept });
    expect(first.toKeep()).toBeNull();
    pass(60_000);
    move(40 * 86_400_000);
    const second = new WitnessedClock(machine);
    second.learn({ recordedAt: START, anchor: kept });
    expect([second.now(), second.doubt()?.kind, second.toKeep()]).toEqual([
      START + 60_000,
      'LEFT_WITNESS',
      null,
    ]);
  });

  it('is believed as it stands once it is accepted, in another process too', () => {
    const { machine, move, pass } = givenMachine();
    const server = new WitnessedClock(machine);
    server.learn({ recordedAt: START, anchor: server.toKeep() });
    move(86_400_000);
    expect(server.doubt()).not.toBeNull();
    const operator = new WitnessedClock(machine);
    operator.learn({ recordedAt: START, anchor: server.toKeep() });
    pass(10);
    server.learn({ recordedAt: START, anchor: operator.accept(START) });
    expect([server.doubt(), server.now()]).toEqual([null, START + 86_400_010]);
  });

  it('that was accepted behind a ledger is gone by and kept, and ends its doubt once it has caught up', () => {
    const { machine, pass } = givenMachine();
    const recordedAt = START + 86_400_000;
    const clock = new WitnessedClock(machine);
    const turns: boolean[] = [];
    clock.onTurn((doubt) => turns.push(doubt !== null));
    clock.learn({ recordedAt, anchor: null });
    expect([clock.doubt()?.accepted, clock.now()]).toEqual([false, recordedAt]);
    clock.accept(recordedAt);
    pass(10);
    expect([clock.doubt()?.accepted, clock.now()]).toEqual([true, START + 10]);
    pass(ANCHOR_AGE);
    expect(clock.doubt()?.accepted).toBe(true);
    expect(clock.toKeep()).toMatchObject({ wall: START + 10 + ANCHOR_AGE, accepted: recordedAt });
    pass(86_400_000);
    expect(clock.doubt()).toBeNull();
    expect(turns).toEqual([true, false]);
  });
});
