import { expect, test } from 'vitest';
import { VaultError } from '../../../src/app/ports/vault-error.ts';
import { revoke } from '../../support/given-authority.ts';
import { givenEligible, promote } from '../../support/given-agent.ts';
import { givenEngine, HOUR, RunningClock } from '../../support/given-engine.ts';
import { ANN } from '../../support/given-principal.ts';
import { eventually, givenFollowed, toldOf } from './given-followed.ts';

/** The clock of a machine that is put right while things run. */
class WrongClock extends RunningClock {
  ahead = HOUR;

  override now(): number {
    return super.now() + this.ahead;
  }
}

test('a clock that is put back holds up neither grants nor lowerings, and has nothing done over and over', async () => {
  const clock = new WrongClock();
  const { app, vault } = await givenFollowed({ clock });
  await givenEligible(app, 'eve', 'T1');
  await eventually(async () => {
    expect((await toldOf(app, 'eve')).at(-1)).toBe('CONFIRMED T1');
  });
  clock.ahead = 0;
  vault.writes.length = 0;
  await promote(app, ANN, 'eve');
  await eventually(async () => {
    expect((await toldOf(app, 'eve')).at(-1)).toBe('CONFIRMED T2');
  });
  await revoke(app, { toTier: 'T0' });
  await eventually(async () => {
    expect((await toldOf(app, 'eve')).at(-1)).toBe('CONFIRMED T0');
  });
  expect(vault.writes).toEqual([
    'T2 eve',
    'T0 disabled eve',
    'destroySecretIds eve',
    'T0 disabled eve',
    'enable eve',
  ]);
});

test('a lowering that waits for Vault does not wait for a clock that was put back', async () => {
  const clock = new WrongClock();
  const { app, vault, watch } = await givenFollowed({ clock });
  await givenEligible(app, 'eve', 'T1');
  await eventually(async () => {
    expect((await toldOf(app, 'eve')).at(-1)).toBe('CONFIRMED T1');
  });
  vault.onCall = () => Promise.reject(new VaultError('UNREACHABLE', 'Vault is down.', true));
  await revoke(app, { toTier: 'T0' });
  await eventually(() => {
    expect(watch.lates.length).toBeGreaterThan(0);
  });
  clock.ahead = 0;
  vault.onCall = () => Promise.resolve();
  await eventually(() => {
    expect(vault.entities.get('eve')).toMatchObject({ tier: 'T0', disabled: true });
  });
});

test('a lease that a server took by a wrong clock before it died keeps no other one from following', async () => {
  const { app, engine, file } = await givenEngine({ clock: new RunningClock() });
  await givenEligible(app, 'eve');
  const now = Date.now() + HOUR;
  const lease = { name: 'vault', holder: 'who died', now, heldUntil: now, voidAfter: now };
  await engine.followers.store.advance({ ...lease, position: 0, asking: [] });
  const { vault } = await givenFollowed({ file });
  await eventually(() => {
    expect(vault.entities.get('eve')).toMatchObject({ tier: 'T0' });
  });
});
