import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { LedgerTail } from '../../../src/app/feed/ledger-tail.ts';
import type { LedgerEntryType } from '../../../src/governance/ledger/entries.ts';
import { HandClock } from '../../support/given-engine.ts';
import { HeldLedger } from '../proof/held-ledger.ts';

interface HeldBack {
  readonly what: string;
  readonly go: () => void;
  readonly fail: () => void;
}

/** A ledger whose readings a test lets go one by one, or makes fail. */
function givenHeldLedger() {
  const held: HeldBack[] = [];
  const ledger = new HeldLedger(
    (what, answer) =>
      new Promise((resolve, reject) =>
        held.push({ what, go: () => resolve(answer()), fail: () => reject(new Error('busy')) }),
      ),
    new HandClock(),
  );
  const taken = async (end: 'go' | 'fail') => {
    const next = held.shift();
    next?.[end]();
    await turn();
    return next?.what;
  };
  /** Lets everything go that is held back and that this leads to. */
  const settle = async () => {
    do await turn();
    while ((await taken('go')) !== undefined);
  };
  return { ledger, tail: ledger.tail, held, taken, settle };
}

/** Follows, and remembers what it was told. */
function follower() {
  const told = { grown: 0, faults: [] as unknown[] };
  return {
    told,
    grown: () => {
      told.grown += 1;
    },
    failed: (fault: unknown) => {
      told.faults.push(fault);
    },
  };
}

/** Everything after a position as far as the tail has read, page by page. */
async function all(
  { tail, settle }: Pick<ReturnType<typeof givenHeldLedger>, 'tail' | 'settle'>,
  from: number,
  type?: LedgerEntryType,
): Promise<readonly number[]> {
  const found: number[] = [];
  for (let at = from; at < tail.position;) {
    const reading = tail.after(at, type);
    await settle();
    const { entries, upTo } = await reading;
    expect(upTo, 'it moves on, and never beyond what the tail has read').toBeGreaterThan(at);
    expect(upTo).toBeLessThanOrEqual(tail.position);
    found.push(...entries.map(({ seq }) => seq));
    at = upTo;
  }
  return found;
}

const opened = async (given: ReturnType<typeof givenHeldLedger>, own = follower()) => {
  const following = given.tail.follow(own);
  await given.settle();
  return { ...own, leave: await following };
};

const seqs = (given: ReturnType<typeof givenHeldLedger>, from: number, type?: LedgerEntryType) =>
  given.ledger.after(from, type).map(({ seq }) => seq);

describe('the tail of the ledger', () => {
  test('misses nothing that was appended while it opened or read', async () => {
    const given = givenHeldLedger();
    given.ledger.append(3);
    const following = given.tail.follow(follower());
    given.ledger.append(2);
    await given.taken('go');
    given.ledger.append(1);
    await given.taken('go');
    given.ledger.append(1);
    await given.settle();
    const leave = await following;
    expect(given.tail.position).toBe(7);
    expect(await all(given, 0)).toEqual(seqs(given, 0));
    leave();
  });

  test('gives everything after any position, of one type or all, though it keeps only the newest', async () => {
    const given = givenHeldLedger();
    given.ledger.append(500);
    const { leave } = await opened(given);
    given.ledger.append(4_321);
    await given.settle();
    for (const from of [0, 1, 499, 500, 501, 2_600, 2_800, 4_820, 4_821])
      for (const type of [undefined, 'AGENT_BECAME_ELIGIBLE'] as const)
        expect(await all(given, from, type)).toEqual(seqs(given, from, type));
    leave();
  });

  test('never gives what it has not read itself, whatever the ledger holds by then', async () => {
    const given = givenHeldLedger();
    given.ledger.append(10);
    const { leave } = await opened(given);
    given.ledger.append(20);
    const reading = given.tail.after(0, 'AGENT_BECAME_ELIGIBLE');
    await turn();
    given.held.reverse();
    await given.taken('go');
    const { entries, upTo } = await reading;
    expect([entries.map(({ seq }) => seq), upTo]).toEqual([[3, 6, 9], 10]);
    await given.settle();
    expect(await all(given, 10)).toEqual(seqs(given, 10));
    leave();
  });

  test('reads for nobody, and anew for who comes later', async () => {
    const given = givenHeldLedger();
    const first = await opened(given);
    given.ledger.append(5);
    await given.settle();
    first.leave();
    const before = given.ledger.reads;
    given.ledger.append(5);
    await given.settle();
    expect(given.ledger.reads).toBe(before);
    const second = await opened(given);
    given.ledger.append(1);
    await given.settle();
    expect(await all(given, 3)).toEqual(seqs(given, 3));
    second.leave();
    second.leave();
  });

  test('is not confused by a reading that ends after everybody left and somebody came', async () => {
    for (const order of ['in order', 'the other way round'] as const)
      for (const appended of [0, 7]) {
        const given = givenHeldLedger();
        const { leave } = await opened(given);
        given.ledger.append(4);
        leave();
        given.ledger.append(appended);
        const own = follower();
        const following = given.tail.follow(own);
        given.ledger.append(1);
        expect(given.held.map(({ what }) => what).sort()).toEqual(['entries', 'head']);
        if (order === 'the other way round') given.held.reverse();
        await given.settle();
        (await following)();
        const again = await opened(given);
        given.ledger.append(2);
        await given.settle();
        expect(await all(given, 0)).toEqual(seqs(given, 0));
        again.leave();
      }
  });

  test('lets everybody in whom it opens for, and nobody if it can’t open; the next one opens it', async () => {
    const given = givenHeldLedger();
    given.ledger.append(2);
    const [one, two] = [given.tail.follow(follower()), given.tail.follow(follower())];
    const refused = Promise.allSettled([one, two]);
    await given.taken('fail');
    expect((await refused).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const before = given.ledger.reads;
    given.ledger.append(1);
    await given.settle();
    expect(given.ledger.reads, 'nobody follows').toBe(before);
    const { leave } = await opened(given);
    expect(await all(given, 0)).toEqual([1, 2, 3]);
    leave();
  });

  test('tells of a reading that failed, and tries again by itself', async () => {
    const given = givenHeldLedger();
    const { told, leave } = await opened(given);
    given.ledger.append(3);
    await given.taken('fail');
    expect(told.faults).toEqual([new Error('busy')]);
    expect(given.tail.position).toBe(0);
    given.ledger.alarm.wake?.();
    await given.settle();
    expect(given.tail.position).toBe(3);
    expect(told.grown).toBe(1);
    leave();
    expect(given.ledger.alarm.wake).toBeNull();
  });

  test('has caught up only once everything that was committed before has been read', async () => {
    const given = givenHeldLedger();
    const { leave } = await opened(given);
    given.ledger.append(1);
    let done = false;
    const catching = caught(given.tail, () => (done = true));
    given.ledger.append(450);
    while (given.held.length > 0) {
      expect(done).toBe(false);
      await given.taken('go');
    }
    await catching;
    expect(given.tail.position).toBe(451);
    leave();
  });
});

async function caught(tail: LedgerTail, then: () => void): Promise<void> {
  await tail.catchUp();
  then();
}
