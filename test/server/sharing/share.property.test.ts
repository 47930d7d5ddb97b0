// Whoever shares answers is sent each of its events once and in order, whichever of many things that wait goes on first.
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LedgerEntryType } from '../../../src/governance/ledger/entries.ts';
import { Shares } from '../../../src/server/sharing/shares.ts';
import type { EventAnswer, Sink } from '../../../src/server/sharing/sink.ts';
import { Subscriber } from '../../../src/server/sharing/subscriber.ts';
import { HandClock } from '../../support/given-engine.ts';
import { HeldLedger } from '../../app/proof/held-ledger.ts';

type Step =
  | { readonly step: 'APPEND'; readonly many: number }
  | {
      readonly step: 'SUBSCRIBE';
      readonly type: LedgerEntryType | undefined;
      /** How many entries before the head it begins. */
      readonly ago: number;
      /** After every so many answers it needs a while. */
      readonly slow: number;
    }
  | { readonly step: 'END'; readonly which: number }
  | { readonly step: 'PASS' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ step: fc.constant('APPEND' as const), many: fc.constantFrom(1, 1, 2, 30, 250) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      step: fc.constant('SUBSCRIBE' as const),
      type: fc.constantFrom(undefined, undefined, 'AGENT_BECAME_ELIGIBLE' as const),
      ago: fc.constantFrom(0, 0, 0, 1, 2, 40),
      slow: fc.constantFrom(1, 2, 7, 1_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ step: fc.constant('END' as const), which: fc.nat({ max: 9 }) }) },
  { weight: 1, arbitrary: fc.constant({ step: 'PASS' as const }) },
);

/** A peer that needs a while now and then. */
class SlowSink implements Sink {
  readonly seqs: number[] = [];
  #draining: Promise<void> | null = null;

  constructor(
    private readonly every: number,
    private readonly drain: () => Promise<void>,
  ) {}

  send({ seq }: EventAnswer): boolean {
    this.seqs.push(seq);
    if (this.seqs.length % this.every !== 0) return this.#draining === null;
    const draining = this.drain().then(() => {
      if (this.#draining === draining) this.#draining = null;
    });
    this.#draining = draining;
    return false;
  }

  drained(): Promise<void> {
    return this.#draining ?? Promise.resolve();
  }
}

interface Subscription {
  readonly from: number;
  readonly type: LedgerEntryType | undefined;
  readonly sink: SlowSink;
  subscriber: Subscriber | null;
  ended: boolean;
}

/** A ledger, what subscribes to it, and everything that waits for the scheduler to let it go. */
class Wire {
  readonly #scheduler: fc.Scheduler;
  readonly #clock = new HandClock();
  readonly #ledger: HeldLedger;
  readonly #shares = new Shares((change) => (this.#holders += change));
  #holders = 0;
  readonly #subscriptions: Subscription[] = [];
  readonly #faults: unknown[] = [];

  constructor(scheduler: fc.Scheduler) {
    this.#scheduler = scheduler;
    this.#ledger = new HeldLedger((what, answer) => scheduler.schedule(answer(), what), this.#clock);
  }

  async do(step: Step): Promise<void> {
    switch (step.step) {
      case 'APPEND':
        this.#ledger.append(step.many);
        break;
      case 'SUBSCRIBE':
        void this.#subscribe(step);
        break;
      case 'END':
        this.#end(this.#subscriptions[step.which]);
        break;
      case 'PASS':
        this.#clock.advance(600);
    }
    await turn();
    if (this.#scheduler.count() > 0) await this.#scheduler.waitNext(1);
  }

  /** Everybody who stayed has everything, and who went has a beginning of it. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      await turn();
      if (this.#scheduler.count() === 0) continue;
      await this.#scheduler.waitNext(1);
      quiet = 0;
    }
    expect(this.#faults).toEqual([]);
    for (const { sink, from, type, ended } of this.#subscriptions) {
      const due = this.#ledger.after(from, type).map(({ seq }) => seq);
      expect(sink.seqs).toEqual(ended ? due.slice(0, sink.seqs.length) : due);
    }
  }

  /** Ends what is left: then nobody reads. */
  async end(): Promise<void> {
    for (const subscription of this.#subscriptions) this.#end(subscription);
    await this.settle();
    expect(this.#holders).toBe(0);
    const before = this.#ledger.reads;
    this.#ledger.append(1);
    expect(this.#ledger.reads).toBe(before);
  }

  /** As the server does: its cursor is read first, then it joins who shares its answers. */
  async #subscribe({ type, ago, slow }: Extract<Step, { step: 'SUBSCRIBE' }>): Promise<void> {
    const from = Math.max(0, this.#ledger.head.seq - ago);
    const { tail } = this.#ledger;
    const sink = new SlowSink(slow, () => this.#scheduler.schedule(Promise.resolve(), 'drain'));
    const subscription: Subscription = { from, type, sink, subscriber: null, ended: false };
    this.#subscriptions.push(subscription);
    const { share, release } = await this.#shares.hold(type ?? 'ALL', () => ({
      feed: { tail, type },
      cost: 1,
      clock: this.#clock,
      answer: (entries) =>
        this.#scheduler.schedule(
          Promise.resolve(entries.map(({ seq }) => ({ seq, cursor: `${seq}`, body: Buffer.alloc(0) }))),
          'answer',
        ),
      onFault: (fault) => this.#faults.push(fault),
    }));
    const cursor = { seq: from, hash: '00000000' };
    const subscriber = new Subscriber({ share, from: cursor, onEnd: release });
    subscription.subscriber = subscriber;
    if (subscription.ended) subscriber.end();
    subscriber.start(sink);
  }

  #end(subscription: Subscription | undefined): void {
    if (subscription === undefined) return;
    subscription.ended = true;
    subscription.subscriber?.end();
  }
}

const RUNS = 100;

test('each subscriber is sent each of its events once and in order, whoever joins, lags, leaves or comes back when', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(step, { minLength: 2, maxLength: 40, size: 'max' }),
      async (scheduler, steps) => {
        const wire = new Wire(scheduler);
        for (const each of steps) await wire.do(each);
        await wire.settle();
        await wire.end();
      },
    ),
    { numRuns: RUNS },
  );
});
