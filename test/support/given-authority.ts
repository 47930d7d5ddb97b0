import { denyPromotion } from '../../src/app/commands/deny-promotion.ts';
import type { App } from '../../src/app/app.ts';
import { reinstateAgent } from '../../src/app/commands/reinstate-agent.ts';
import { revokeAgent } from '../../src/app/commands/revoke-agent.ts';
import { updateAgent } from '../../src/app/commands/update-agent.ts';
import type { Principal } from '../../src/governance/principals/principal.ts';
import { RATIONALE } from './given-agent.ts';
import { ADA, ANN } from './given-principal.ts';

let keys = 0;

/** What every command about `eve` is sent with, and a key of its own. */
function standard() {
  keys += 1;
  return { agentId: 'eve', idempotencyKey: `authority-${keys}` };
}

type Input<Command extends (app: App, principal: Principal, input: never) => unknown> = Partial<
  Parameters<Command>[2]
>;

/** Denies the open candidacy of `eve`, as ann unless told otherwise. */
export function deny(app: App, more: Input<typeof denyPromotion> = {}, by = ANN) {
  return denyPromotion(app, by, { ...standard(), rationale: RATIONALE, expectedEvidence: null, ...more });
}

/** Suspends `eve` where it is, unless told otherwise. */
export function revoke(app: App, more: Input<typeof revokeAgent> = {}, by = ANN) {
  const suspend = more.toTier === undefined || more.toTier === null;
  return revokeAgent(app, by, { ...standard(), toTier: null, suspend, reason: 'Went astray.', ...more });
}

/** Lifts the suspension of `eve`, as ada unless told otherwise. */
export function reinstate(app: App, more: Input<typeof reinstateAgent> = {}, by = ADA) {
  return reinstateAgent(app, by, { ...standard(), reason: 'Was repaired.', ...more });
}

/** Changes the owner of `eve`, or retires it, as ada unless told otherwise. */
export function update(app: App, more: Input<typeof updateAgent>, by = ADA) {
  return updateAgent(app, by, { ...standard(), owner: null, retired: null, reason: 'Moved.', ...more });
}
