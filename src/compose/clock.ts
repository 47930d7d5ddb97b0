import { acceptClock } from '../app/time/accept-clock.ts';
import { openEngine, type EngineOptions } from './engine.ts';
import type { Config } from '../config/config.ts';
import { doubtRemedy, doubtSentence, type ClockDoubt } from '../governance/clock-witness.ts';
import { ValidationError } from '../governance/errors.ts';

/** A doubt about the wall clock, the same in a sentence, and what ends it. */
export interface ToldDoubt extends ClockDoubt {
  readonly sentence: string;
  readonly remedy: string;
}

/** What became of an acceptance: its entry, or null where there was nothing to accept, and the doubt that is left. */
export interface Acceptance {
  readonly doubt: ToldDoubt | null;
  readonly seq: number | null;
  readonly left: ToldDoubt | null;
}

/** The reason of an acceptance is none. */
export class ClockReasonError extends Error {
  override readonly name = 'ClockReasonError';
}

/**
 * The doubt about this machine's clock beside the ledger of a configuration, or null.
 * @throws what `openEngine` does
 */
export async function clockDoubt(config: Config, options: EngineOptions): Promise<ToldDoubt | null> {
  const engine = await openEngine(config, options);
  try {
    return told(engine.app.witness.doubt());
  } finally {
    await engine.close();
  }
}

/**
 * Accepts this machine's clock for the ledger of a configuration.
 * @throws ClockReasonError, and what `openEngine` does
 */
export async function acceptClockOf(
  config: Config,
  { operator }: EngineOptions,
  reason: string,
): Promise<Acceptance> {
  const engine = await openEngine(config, { operator });
  try {
    const { doubt, seq, left } = await acceptClock(engine.app, operator, reason);
    return { doubt: told(doubt), seq, left: told(left) };
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    throw new ClockReasonError(error.issues.map(({ message }) => message).join(', '), { cause: error });
  } finally {
    await engine.close();
  }
}

function told(doubt: ClockDoubt | null): ToldDoubt | null {
  return doubt === null ? null : { ...doubt, sentence: doubtSentence(doubt), remedy: doubtRemedy(doubt) };
}
