import { Gauge, type Registry } from 'prom-client';
import type { FollowerStanding, FollowerWatch } from '../../app/ports/deliveries.ts';
import type { Clock } from '../../app/ports/world.ts';
import type { Log } from '../log.ts';
import { onceAtATime, secondsSince } from './fleet-metrics.ts';

interface FollowedOptions {
  readonly metrics: Registry;
  readonly standings: () => Promise<readonly FollowerStanding[]>;
  readonly clock: Clock;
  /** One that is never put back. */
  readonly monotonic: Clock;
  readonly log: Log;
}

/** How long something has waited since an instant, in seconds; 0 for null. */
type Waited = (since: number | null) => number;

const GAUGES: readonly {
  readonly name: string;
  readonly help: string;
  readonly of: (standing: FollowerStanding, waited: Waited) => number;
}[] = [
  {
    name: 'tierkeeper_follower_lag_entries',
    help: 'Ledger entries that a follower has not read yet.',
    of: ({ lag }) => lag,
  },
  {
    name: 'tierkeeper_follower_oldest_seconds',
    help: 'How long the oldest pending delivery of a follower has been waiting; 0 if nothing is pending.',
    of: ({ oldest }, waited) => waited(oldest),
  },
  {
    name: 'tierkeeper_follower_lowering_seconds',
    help: 'How long the oldest lowering has been waiting for a follower; 0 if none is. Alert above 5.',
    of: ({ oldestUrgent }, waited) => waited(oldestUrgent),
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
export function reportFollowers({ metrics, standings, log, ...clocks }: FollowedOptions): void {
  const read = onceAtATime(() =>
    standings().catch((err: unknown) => {
      log.warn({ err }, 'the metrics of followers could not be read from the database');
      return [];
    }),
  );
  for (const { of, ...about } of GAUGES) {
    const waits = new Map<string, Waited>();
    const waitedFor = (name: string) => {
      const waited = waits.get(name) ?? waiting(clocks);
      waits.set(name, waited);
      return waited;
    };
    new Gauge({
      ...about,
      labelNames: ['follower'],
      registers: [metrics],
      async collect() {
        const found = await read();
        this.reset();
        for (const standing of found)
          this.set({ follower: standing.name }, of(standing, waitedFor(standing.name)));
      },
    });
  }
}

/**
 * A wait is at least as long as it has been seen. By its instant alone it would not have begun yet after the clock was put
 * back, and what is alarmed by it would stay quiet.
 */
function waiting({ clock, monotonic }: Pick<FollowedOptions, 'clock' | 'monotonic'>): Waited {
  let seen: { readonly since: number; readonly at: number } | null = null;
  return (since) => {
    if (since === null) seen = null;
    else if (seen?.since !== since) seen = { since, at: monotonic.now() };
    return Math.max(secondsSince(since, clock.now()), secondsSince(seen?.at ?? null, monotonic.now()));
  };
}

/** Logs what a person should know of followers. */
export function followerWatch(log: Log): FollowerWatch {
  return {
    fault: (follower, err) => {
      log.error({ follower, err }, 'a follower could not go on; it tries again');
    },
    late: ({ follower, agentId, entrySeq, decidedAt }, why) => {
      const fields = { follower, agentId, seq: entrySeq, since: new Date(decidedAt).toISOString(), why };
      log.error(fields, 'a lowering could not be delivered yet; it is tried again before all else');
    },
    unknown: (follower, names) => {
      log.warn({ follower, agents: names }, 'a follower found agents that the ledger does not know');
    },
    others: (follower, names) => {
      log.warn(
        { follower, agents: names },
        'a follower found agents that were written for another ledger, such as one from before a backup was restored; none of them is raised until people have it tried again',
      );
    },
  };
}
