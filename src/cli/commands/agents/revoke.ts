import { RevokeDocument, type Tier } from '../../../generated/graphql/cli.ts';
import { newId } from '../../../compose/system.ts';
import { ask } from '../../api/ask.ts';
import type { Cli } from '../../cli.ts';
import type { ExitCode } from '../../cli-error.ts';
import { withApi, type ApiOptions } from '../../api/open-api.ts';
import { exactTime } from '../../output/times.ts';
import { typedRefusal } from '../../api/typed-refusal.ts';

/** What to revoke, and why. */
export interface RevokeOptions extends ApiOptions {
  readonly to?: Tier;
  readonly suspend?: true;
  readonly reason: string;
  readonly idempotencyKey?: string;
}

/** Lowers an agent's tier, suspends it, or both. */
export async function revoke(
  { terminal, ...cli }: Cli,
  agentId: string,
  options: RevokeOptions,
): Promise<ExitCode> {
  const { to, suspend = false, reason, idempotencyKey = newId() } = options;
  return withApi({ terminal, ...cli }, options, async (api) => {
    const input = { agentId, toTier: to ?? null, suspend, reason, idempotencyKey };
    const outcome = (await ask(api, RevokeDocument, { input })).revokeAgent;
    if ('code' in outcome) throw typedRefusal(outcome);
    const { colors } = terminal;
    const { toTier, fromTier, suspended, seq, coolDownUntil } = outcome.revocation;
    const where = toTier === fromTier ? `stays at ${toTier}` : `is at ${toTier} now`;
    terminal.printJson(outcome);
    terminal.print(
      `${colors.red('✗')} ${colors.bold(agentId)} ${where}${suspended ? ', suspended' : ''} (entry ${seq}).`,
      `It can't be promoted before ${exactTime(coolDownUntil)}${suspended ? ', nor before an admin reinstates it' : ''}.`,
    );
    return 0;
  });
}
