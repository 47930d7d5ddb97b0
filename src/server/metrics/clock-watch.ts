import { Gauge, type Registry } from 'prom-client';
import type { ClockWitness } from '../../app/ports/world.ts';
import { doubtRemedy, doubtSentence } from '../../governance/clock-witness.ts';
import type { Log } from '../log.ts';

interface Watching {
  readonly metrics: Registry;
  readonly witness: ClockWitness;
  readonly log: Log;
}

/** Tells when the wall clock becomes doubtful and when it is believed again: in the log, and as a metric. */
export function reportClock({ metrics, witness, log }: Watching): void {
  witness.onTurn((doubt) => {
    if (doubt === null) log.info({}, 'the wall clock is believed again');
    else
      log.error(
        { wall: doubt.wall, believed: doubt.believed },
        `${doubtSentence(doubt)} ${doubtRemedy(doubt)}`,
      );
  });
  new Gauge({
    name: 'tierkeeper_clock_doubtful',
    help: '1 while the wall clock contradicts its witness, so that nothing is settled or raised.',
    registers: [metrics],
    collect() {
      this.set(witness.doubt() === null ? 0 : 1);
    },
  });
}
