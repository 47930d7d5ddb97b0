// Every fault of a Vault at every request of a grant and of a lowering, over real HTTP: one agent for each request, whose own
// requests alone meet the fault, once, while all others go on.
import { describe, expect, test, vi } from 'vitest';
import type { App } from '../../src/app/app.ts';
import { VAULT_MOUNT } from '../../src/governance/vault/vault-names.ts';
import { ask, givenAgentRole } from '../adapters/vault/given-adapter.ts';
import { FAULTS, type Fault } from '../support/fake-vault/faults.ts';
import type { GivenVault } from '../support/fake-vault/given-vault.ts';
import { agentNow, givenEligible, promote } from '../support/given-agent.ts';
import { revoke } from '../support/given-authority.ts';
import { ANN } from '../support/given-principal.ts';
import { givenRun, record } from '../support/given-runs.ts';
import { eventually, lastTold, toldOf } from '../app/vault/given-followed.ts';
import { givenServedVault, heldIn } from '../app/vault/given-served-vault.ts';

vi.setConfig({ testTimeout: 120_000 });

/** How many requests a grant takes, and a lowering: disabled, what it logged in by destroyed, disabled again, enabled. */
const GRANT = 11;
const LOWERING = 21;
/** How many are lowered at once: within five seconds, on a machine that does other things beside. */
const AT_ONCE = 9;

/** How many of some agents have met a fault: from now on the n-th request about agent `a-<n>` meets a fault. */
function faultsAt(server: GivenVault, fault: Fault, agents: readonly string[]): () => number {
  const met = new Map<string, { asked: number; faults: number }>();
  server.meets(({ path }) => {
    const [, agentId, place] = /agent-(a-(\d+))(?:\/|$)/.exec(path) ?? [];
    if (agentId === undefined || !agents.includes(agentId)) return null;
    const found = met.get(agentId) ?? { asked: 0, faults: 0 };
    met.set(agentId, found);
    found.asked += 1;
    if (found.asked < Number(place) || found.faults > 0) return null;
    found.faults += 1;
    return fault;
  });
  return () => [...met.values()].filter(({ faults }) => faults > 0).length;
}

/** So many failures in a row open the breaker. */
const BREAKS_AFTER = 5;

function isAboveT0(server: GivenVault, agentId: string): boolean {
  const held = heldIn(server, agentId);
  return held !== null && !held.disabled && held.tier !== 'T0';
}

/** Waits until the last that is told of each is that Vault has its tier. */
async function confirmedAll(app: App, agentIds: readonly string[]): Promise<void> {
  const tierOf = async (agentId: string) => (await agentNow(app, agentId)).state.tier;
  for (const agentId of agentIds)
    await eventually(async () => {
      expect(await lastTold(app, agentId)).toBe(`CONFIRMED ${await tierOf(agentId)}`);
    });
}

/** Gives each a role with one secret id. */
async function enrolled(server: GivenVault, agentIds: readonly string[]): Promise<void> {
  await ask(server, 'POST', `sys/auth/${VAULT_MOUNT}`, { type: 'approle' });
  for (const agentId of agentIds) await givenAgentRole(server, agentId, 1);
}

const named = (count: number) => Array.from({ length: count }, (_, index) => `a-${index + 1}`);

describe.each(FAULTS)('%s', (fault) => {
  test('at any request of a grant leaves the agent with its tier in the end, confirmed once', async () => {
    const { app, server } = await givenServedVault();
    const agents = named(GRANT);
    for (const agentId of agents) await givenEligible(app, agentId);
    for (const agentId of agents)
      await eventually(async () => {
        expect(await toldOf(app, agentId)).toEqual(['CONFIRMED T0']);
      });
    const met = faultsAt(server, fault, agents);
    for (const agentId of agents) await promote(app, ANN, agentId);
    for (const agentId of agents)
      await eventually(async () => {
        const told = await toldOf(app, agentId);
        expect(told.filter((line) => line.startsWith('CONFIRMED'))).toEqual(['CONFIRMED T0', 'CONFIRMED T1']);
        expect(heldIn(server, agentId)).toEqual({ tier: 'T1', disabled: false });
      });
    expect(met(), 'agents that met it').toBe(agents.length);
  });

  test('at any request of a lowering leaves the agent nothing above its tier five seconds later', async () => {
    const { app, server } = await givenServedVault();
    const agents = named(LOWERING);
    for (const agentId of agents) await givenEligible(app, agentId, 'T1');
    await confirmedAll(app, agents);
    await enrolled(server, agents);
    for (let first = 0; first < agents.length; first += AT_ONCE) {
      const some = agents.slice(first, first + AT_ONCE);
      const met = faultsAt(server, fault, some);
      for (const agentId of some) await revoke(app, { agentId, toTier: 'T0' });
      await eventually(() => {
        expect(some.filter((agentId) => isAboveT0(server, agentId))).toEqual([]);
      }, 5_000);
      await confirmedAll(app, some);
      for (const agentId of some) expect(heldIn(server, agentId)).toEqual({ tier: 'T0', disabled: false });
      expect(met(), 'agents that met it').toBe(some.length);
    }
    const roles = server.state().mounts.get(VAULT_MOUNT)?.roles;
    expect(agents.filter((agentId) => roles?.get(`agent-${agentId}`)?.secretIds.size !== 0)).toEqual([]);
  });

  test('at every request, for as long as it lasts, leaves nothing above five seconds after it', async () => {
    const { app, server } = await givenServedVault();
    const [ups, downs] = [['up-1', 'up-2', 'up-3'], named(AT_ONCE)];
    for (const agentId of ups) await givenEligible(app, agentId);
    for (const agentId of downs) await givenEligible(app, agentId, 'T1');
    await confirmedAll(app, [...ups, ...downs]);
    let asked = 0;
    server.meets(() => {
      asked += 1;
      return fault;
    });
    for (const agentId of ups) await promote(app, ANN, agentId);
    for (const agentId of downs) await revoke(app, { agentId, toTier: 'T0' });
    // Longer than the breaker stays open at first: it is tried again, in vain.
    await eventually(() => {
      expect(asked).toBeGreaterThan(BREAKS_AFTER + 2);
    });
    server.heals();
    await eventually(() => {
      expect(downs.filter((agentId) => isAboveT0(server, agentId))).toEqual([]);
    }, 5_000);
    await confirmedAll(app, [...ups, ...downs]);
    for (const agentId of ups) expect(heldIn(server, agentId)).toEqual({ tier: 'T1', disabled: false });
    for (const agentId of downs) expect(heldIn(server, agentId)).toEqual({ tier: 'T0', disabled: false });
  });
});

// The bench `heal` measures how long it takes.
test('100 drifted agents are right once the Vault has healed, for at most 50 requests each', async () => {
  const { app, server, engine } = await givenServedVault();
  const agents = Array.from({ length: 100 }, (_, index) => `b-${index}`);
  await record(
    app,
    agents.map((agentId) => givenRun(Date.now(), { agentId })),
  );
  await eventually(async () => {
    expect((await engine.followers.store.standings())[0]).toMatchObject({ pending: 0, lag: 0 });
    expect(heldIn(server, 'b-99')).toEqual({ tier: 'T0', disabled: false });
  });
  await server.stop();
  for (const agentId of agents) {
    const entity = server.state().entities.get(`agent-${agentId}`);
    if (entity !== undefined) entity.policies = ['tierkeeper-tier-4'];
  }
  // Something must be asked of Vault for anybody to learn that it is down.
  await record(app, [givenRun(Date.now(), { agentId: 'c' })]);
  await eventually(async () => {
    expect((await engine.followers.store.standings())[0]?.breaker).not.toBe('CLOSED');
  });
  let asked = 0;
  server.meets(() => {
    asked += 1;
    return null;
  });
  await server.start();
  const isRight = (agentId: string) => {
    const held = heldIn(server, agentId);
    return held?.tier === 'T0' && !held.disabled;
  };
  await eventually(() => {
    expect(agents.filter((agentId) => !isRight(agentId))).toEqual([]);
  }, 90_000);
  expect(asked).toBeLessThanOrEqual(50 * agents.length);
});
