import { Gauge, type Registry } from 'prom-client';
import type { Measures } from '../../app/ports/agents.ts';
import type { Clock } from '../../app/ports/world.ts';
import type { Log } from '../log.ts';

interface MeasuredOptions {
  readonly metrics: Registry;
  /** Reads the database; once for all gauges of an answer. */
  readonly measures: () => Promise<Measures>;
  /** How many commands wait for the writer or are with it. */
  readonly waiting: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

/** A gauge of one number that is read from the database. */
interface Single {
  readonly name: string;
  readonly help: string;
  readonly of: (measures: Measures, now: number) => number;
}

const SINGLES: readonly Single[] = [
  {
    name: 'tierkeeper_ledger_seq',
    help: 'The seq of the newest ledger entry.',
    of: ({ seq }) => seq,
  },
  {
    name: 'tierkeeper_clock_lag_seconds',
    help: 'How long a change that time alone makes has been due without being settled.',
    of: ({ nextChange }, now) => secondsSince(nextChange, now),
  },
  {
    name: 'tierkeeper_oldest_candidacy_seconds',
    help: 'How long the oldest open candidacy has been waiting; 0 if none is open.',
    of: ({ oldestCandidacy }, now) => secondsSince(oldestCandidacy, now),
  },
];

/** Exposes how the fleet, the ledger and the writer stand. What can't be read now is NaN or missing; the rest is still told. */
export function reportMeasures({ metrics, measures, waiting, clock, log }: MeasuredOptions): void {
  const read = onceAtATime(() =>
    measures().catch((err: unknown) => {
      log.warn({ err }, 'the metrics could not be read from the database');
      return null;
    }),
  );
  const registers = [metrics];
  for (const { of, ...about } of SINGLES)
    new Gauge({
      ...about,
      registers,
      async collect() {
        const found = await read();
        this.set(found === null ? Number.NaN : of(found, clock.now()));
      },
    });
  new Gauge({
    name: 'tierkeeper_agents',
    help: 'Agents that are not retired, by tier and answer.',
    labelNames: ['tier', 'status'],
    registers,
    async collect() {
      const found = await read();
      this.reset();
      for (const { tier, status, count } of found?.agents ?? []) this.set({ tier, status }, count);
    },
  });
  new Gauge({
    name: 'tierkeeper_write_queue',
    help: 'Commands that wait for the writer or are with it.',
    registers,
    collect() {
      this.set(waiting());
    },
  });
}

/** Whoever asks while an answer is on its way is given that one. */
export function onceAtATime<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | null = null;
  return () =>
    (asked ??= ask().finally(() => {
      asked = null;
    }));
}

/** How long ago an instant was, in seconds; 0 for null. */
export function secondsSince(instant: number | null, now: number): number {
  return instant === null ? 0 : Math.max(0, now - instant) / 1000;
}
