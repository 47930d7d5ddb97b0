import { beforeEach, expect, test } from 'vitest';
import type { App } from '../../../src/app/app.ts';
import { VaultError } from '../../../src/app/ports/vault-error.ts';
import type { Engine } from '../../../src/compose/engine.ts';
import { givenEligible, promote } from '../../support/given-agent.ts';
import { revoke } from '../../support/given-authority.ts';
import { RunningClock } from '../../support/given-engine.ts';
import { ANN } from '../../support/given-principal.ts';
import { givenRun, record } from '../../support/given-runs.ts';
import { eventually, givenFollowed } from './given-followed.ts';
import { MemoryVault } from './memory-vault.ts';

/** More than open the breaker if they fail in a row; by name they come last. */
const BAD = Array.from({ length: 12 }, (_, index) => `zoe-${index}`);

/** A clock that can be put forward. */
class JumpingClock extends RunningClock {
  ahead = 0;

  override now(): number {
    return super.now() + this.ahead;
  }
}

let vault: MemoryVault;
beforeEach(() => {
  vault = new MemoryVault();
});

/** From now on Vault fails whatever is asked for those agents, as if what it keeps of them were broken. */
function breakFor(agentIds: readonly string[]): void {
  vault.onCall = (_what, agentId) =>
    agentIds.includes(agentId)
      ? Promise.reject(new VaultError('REFUSED', 'Vault is broken for it.', true))
      : Promise.resolve();
}

async function given(app: App, agentIds: readonly string[]): Promise<void> {
  await record(
    app,
    agentIds.map((agentId) => givenRun(app.clock.now(), { agentId })),
  );
}

async function stands(engine: Engine, expected: object): Promise<void> {
  await eventually(async () => {
    expect((await engine.followers.store.standings())[0]).toMatchObject(expected);
  });
}

function drift(agentId: string): void {
  const policies = ['tierkeeper-tier-4'];
  vault.entities.set(agentId, { agentId, tier: 'T4', policies, disabled: false, position: null });
}

test('agents whose lowering fails by itself, however many, keep nobody else from a grant', async () => {
  const { app, engine } = await givenFollowed({ vault });
  await given(app, BAD);
  await givenEligible(app);
  await stands(engine, { pending: 0, lag: 0 });
  breakFor(BAD);
  for (const agentId of BAD) await revoke(app, { agentId });
  await stands(engine, { breaker: 'OPEN' });
  await promote(app, ANN, 'eve');
  await eventually(() => {
    expect(vault.entities.get('eve')).toMatchObject({ tier: 'T1', disabled: false });
  });
});

test('agents whose grants fail by themselves keep no comparison from finding what is above the ledger', async () => {
  const clock = new JumpingClock();
  const { app, engine } = await givenFollowed({ vault, clock });
  await given(app, ['eve']);
  await stands(engine, { pending: 0, lag: 0 });
  breakFor(BAD);
  await given(app, BAD);
  await stands(engine, { breaker: 'OPEN' });
  drift('eve');
  clock.ahead += 31_000;
  await eventually(() => {
    expect(vault.entities.get('eve')).toMatchObject({ tier: 'T0', disabled: true });
  });
});

test('agents that can not be read keep no comparison from getting to all others', async () => {
  const { app, engine, file } = await givenFollowed({ vault });
  await given(app, [...BAD, 'eve']);
  await stands(engine, { pending: 0, lag: 0 });
  await engine.close();
  drift('eve');
  breakFor(BAD);
  await givenFollowed({ vault, file });
  await eventually(() => {
    expect(vault.entities.get('eve')).toMatchObject({ tier: 'T0', disabled: true });
  });
});
