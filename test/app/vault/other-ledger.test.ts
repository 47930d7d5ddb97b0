import { expect, test } from 'vitest';
import type { Tier } from '../../../src/governance/tier.ts';
import { givenEligible, promote } from '../../support/given-agent.ts';
import { revoke } from '../../support/given-authority.ts';
import { ANN } from '../../support/given-principal.ts';
import { givenEngine, RunningClock } from '../../support/given-engine.ts';
import { eventually, toldOf, Watched } from './given-followed.ts';
import { MemoryVault } from './memory-vault.ts';

interface Held {
  readonly tier: Tier;
  readonly disabled: boolean;
}

/** An entity of each agent as another ledger left it; the ledger has all of them at T1, and its own entries are few. */
const HELD: Readonly<Record<string, Held>> = {
  revoked: { tier: 'T0', disabled: false },
  suspended: { tier: 'T1', disabled: true },
  promoted: { tier: 'T3', disabled: false },
  'promoted-and-suspended': { tier: 'T3', disabled: true },
  same: { tier: 'T1', disabled: false },
};

/** A position that the ledger does not have, and one at which it has an entry of somebody else. */
const POSITIONS = { later: 9_000, 'of another agent': 2 };

async function givenRestored(
  position: number,
  ...start: readonly ((app: World['app']) => Promise<unknown>)[]
) {
  const vault = new MemoryVault();
  const given = await givenEngine({ clock: new RunningClock(), vault });
  await givenEligible(given.app, 'somebody', 'T1');
  for (const [agentId, { tier, disabled }] of Object.entries(HELD)) {
    await givenEligible(given.app, agentId, 'T1');
    const policies = [`tierkeeper-tier-${tier.slice(1)}`];
    vault.entities.set(agentId, { agentId, tier, disabled, policies, position });
  }
  for (const first of start) await first(given.app);
  const watch = new Watched();
  await given.engine.startFollowers(watch);
  const { store } = given.engine.followers;
  const settled = () =>
    eventually(async () => {
      const [standing] = await store.standings();
      expect([standing?.pending, standing?.lag, given.engine.isComparing()]).toEqual([0, 0, false]);
      return store.deadLetters('vault', 100);
    });
  const held = (agentId: string) => {
    const { tier, disabled } = vault.entities.get(agentId) ?? {};
    return { tier, disabled };
  };
  return { ...given, vault, watch, store, settled, held };
}

type World = Awaited<ReturnType<typeof givenEngine>>;

test.each(Object.entries(POSITIONS))(
  'a ledger raises nobody whose entity was written for an entry that is %s, until people have it tried again',
  async (_, position) => {
    const { app, watch, store, settled, held } = await givenRestored(position);
    const dead = await settled();
    const names = ['promoted-and-suspended', 'revoked', 'suspended'];
    expect(dead.map(({ key }) => key).sort()).toEqual(names);
    expect(dead[0]?.error).toContain(`for entry ${position} of another ledger`);
    expect([held('revoked'), held('suspended')]).toEqual([HELD.revoked, HELD.suspended]);
    expect(held('promoted-and-suspended')).toEqual({ tier: 'T1', disabled: true });
    expect([held('promoted'), held('same')]).toEqual([HELD.same, HELD.same]);
    for (const agentId of names) expect((await toldOf(app, agentId)).at(-1)).toBe('FAILED OTHER_LEDGER');
    for (const agentId of ['promoted', 'same'])
      expect((await toldOf(app, agentId)).at(-1)).toBe('CONFIRMED T1');
    expect(watch.otherLedgers).toEqual(expect.arrayContaining(['revoked', 'suspended', 'promoted']));

    await store.revive('vault', null, app.clock.now());
    app.doorbell.ring();
    expect(await settled()).toEqual([]);
    for (const agentId of Object.keys(HELD)) expect([agentId, held(agentId)]).toEqual([agentId, HELD.same]);
  },
);

test('a promotion on a restored ledger raises nobody either, and goes on at once where Vault had what the ledger says', async () => {
  const { app, settled, held } = await givenRestored(9_000);
  await settled();
  for (const agentId of ['same', 'revoked']) await promote(app, ANN, agentId);
  await eventually(() => expect(held('same')).toEqual({ tier: 'T2', disabled: false }));
  await settled();
  expect(held('revoked')).toEqual(HELD.revoked);
});

test('a revocation on a restored ledger does not enable an agent that was suspended in Vault', async () => {
  const { settled, held } = await givenRestored(9_000, (app) =>
    revoke(app, { agentId: 'suspended', toTier: 'T0' }),
  );
  expect((await settled()).map(({ key }) => key)).toContain('suspended');
  expect(held('suspended')).toEqual({ tier: 'T0', disabled: true });
});
