import { acceptClock, type ClockAccepted } from './app/accept-clock.ts';
import { openEngine, type EngineOptions } from './compose.ts';
import type { Config } from './config.ts';
import type { ClockDoubt } from './governance/clock-witness.ts';

/**
 * The doubt about this machine's clock beside the ledger of a configuration, or null.
 * @throws what `openEngine` does
 */
export async function clockDoubt(config: Config, options: EngineOptions): Promise<ClockDoubt | null> {
  const engine = await openEngine(config, options);
  try {
    return engine.app.witness.doubt();
  } finally {
    await engine.close();
  }
}

/**
 * Accepts this machine's clock for the ledger of a configuration.
 * @throws ValidationError, and what `openEngine` does
 */
export async function acceptClockOf(
  config: Config,
  { operator }: EngineOptions,
  reason: string,
): Promise<ClockAccepted> {
  const engine = await openEngine(config, { operator });
  try {
    return await acceptClock(engine.app, operator, reason);
  } finally {
    await engine.close();
  }
}
