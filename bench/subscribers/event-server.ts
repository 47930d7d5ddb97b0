import type { App } from '../../src/app/app.ts';
import { recordAs, runOf } from '../runs.ts';

/** A server whose subscribers are measured. */
export interface EventServer {
  readonly url: string;
  /** What a subscriber says first; null for one that is sent everything as it is. */
  readonly token: string | null;
  /** Makes one event, and gives the instant of its commit on the clock that all processes share, in nanoseconds. */
  event(message: string): Promise<bigint>;
}

/** What subscribers ask for. */
export const DOCUMENT = `subscription ($after: String) {
  agentBecameEligible(after: $after) {
    cursor at agent { agentId tier } evaluation { status targetTier evidence }
  }
}`;

/** Makes one more agent eligible for T1, and gives the instant of the commit. */
export function eligibleAgents(app: App): () => Promise<bigint> {
  let committed = 0n;
  let made = 0;
  // Rings for a commit, before anybody else who listens.
  app.doorbell.listen(() => {
    committed = process.hrtime.bigint();
  });
  return async () => {
    const at = app.clock.now();
    const index = made++;
    await recordAs(
      app,
      Array.from({ length: 5 }, (_, run) => runOf(index, `event-${run}`, at)),
    );
    return committed;
  };
}
