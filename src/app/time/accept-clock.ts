import type { ClockDoubt } from '../../governance/clock-witness.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import { parseInput, reasonInput } from '../commands/inputs.ts';
import { learnTime } from './learn-time.ts';
import type { App } from '../app.ts';
import { keepText } from '../commands/run-command.ts';

/**
 * The doubt that was found, and the entry that accepts the clock; null if it was believed or accepted already. `left` is the
 * doubt that no acceptance lifts: behind a ledger that is ahead, nothing is raised until the wall clock has caught up.
 */
export interface ClockAccepted {
  readonly doubt: ClockDoubt | null;
  readonly seq: number | null;
  readonly left: ClockDoubt | null;
}

/**
 * Believes the wall clock as it stands, where its witness contradicts it. Times in the ledger never go back: behind a
 * ledger that is ahead, what happens carries its last time until the wall clock has caught up.
 * @throws ValidationError, StorageBusyError, StorageUnavailableError
 */
export async function acceptClock(
  app: App,
  operator: Pick<Principal, 'id' | 'kind'>,
  reason: string,
): Promise<ClockAccepted> {
  const body = parseInput(reasonInput, reason, 'reason');
  await learnTime(app);
  const doubt = app.witness.doubt();
  if (doubt === null || doubt.accepted) return { doubt, seq: null, left: doubt };
  const { recordedAt } = await app.store.reader.head();
  app.witness.accept(recordedAt);
  const seq = await app.store.write(async (tx) => {
    const actor = await tx.actorKey(operator);
    const payload = { wall: doubt.wall, believed: doubt.believed, reason: keepText(app, tx, body) };
    return tx.append({ type: 'CLOCK_ACCEPTED', at: tx.now, agentId: null, actor, payload }).seq;
  });
  app.doorbell.ring();
  return { doubt, seq, left: app.witness.doubt() };
}
