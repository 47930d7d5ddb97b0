import { Gauge, type Registry } from 'prom-client';
import type { FollowerStanding, FollowerWatch } from '../app/followers/ports.ts';
import type { Clock } from '../app/ports.ts';
import type { Log } from './log.ts';
import { onceAtATime, secondsSince } from './measured.ts';

interface FollowedOptions {
  readonly metrics: Registry;
  readonly standings: () => Promise<readonly FollowerStanding[]>;
  readonly clock: Clock;
  readonly log: Log;
}

const GAUGES: readonly {
  readonly name: string;
  readonly help: string;
  readonly of: (standing: FollowerStanding, now: number) => number;
}[] = [
  {
    name: 'tierkeeper_follower_lag_entries',
    help: 'Ledger entries that a follower has not read yet.',
    of: ({ lag }) => lag,
  },
  {
    name: 'tierkeeper_follower_oldest_seconds',
    help: 'How long the oldest pending delivery of a follower has been waiting; 0 if nothing is pending.',
    of: ({ oldest }, now) => secondsSince(oldest, now),
  },
  {
    name: 'tierkeeper_follower_lowering_seconds',
    help: 'How long the oldest lowering has been waiting for a follower; 0 if none is. Alert above 5.',
    of: ({ oldestUrgent }, now) => secondsSince(oldestUrgent, now),
  },
  {
    name: 'tierkeeper_follower_breaker_open',
    help: '1 while a follower tries nothing, because the last calls failed.',
    of: ({ breaker }) => (breaker === 'CLOSED' ? 0 : 1),
  },
  {
    name: 'tierkeeper_follower_dead_letters',
    help: 'Deliveries that a follower gave up.',
    of: ({ dead }) => dead,
  },
  {
    name: 'tierkeeper_follower_unknown',
    help: 'Agents that a follower found outside and the ledger does not know; at most 100 are counted.',
    of: ({ unknown }) => unknown.length,
  },
];

/** Exposes how followers stand. What can't be read now is missing. */
export function reportFollowers({ metrics, standings, clock, log }: FollowedOptions): void {
  const read = onceAtATime(() =>
    standings().catch((err: unknown) => {
      log.warn({ err }, 'the metrics of followers could not be read from the database');
      return [];
    }),
  );
  for (const { of, ...about } of GAUGES)
    new Gauge({
      ...{ ...about, labelNames: ['follower'], registers: [metrics] },
      async collect() {
        const found = await read();
        this.reset();
        for (const standing of found) this.set({ follower: standing.name }, of(standing, clock.now()));
      },
    });
}

/** Logs what a person should know of followers. */
export function followerWatch(log: Log): FollowerWatch {
  return {
    fault: (follower, err) => {
      log.error({ follower, err }, 'a follower could not go on; it tries again');
    },
    late: ({ follower, agentId, seq, since }, why) => {
      const fields = { follower, agentId, seq, since: new Date(since).toISOString(), why };
      log.error(fields, 'a lowering could not be delivered yet; it is tried again before all else');
    },
    unknown: (follower, names) => {
      log.warn({ follower, agents: names }, 'a follower found agents that the ledger does not know');
    },
  };
}
