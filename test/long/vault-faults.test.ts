// Every fault of a Vault at every request of a grant and of a lowering, over real HTTP: one agent for each request, whose own
// requests alone meet the fault, once, while all others go on.
import { describe, expect, test, vi } from 'vitest';
import { FAULTS, type Fault } from '../support/fake-vault/faults.ts';
import type { GivenVault } from '../support/fake-vault/given-vault.ts';
import { givenEligible, promote } from '../support/given-agent.ts';
import { revoke } from '../support/given-authority.ts';
import { ANN } from '../support/given-principal.ts';
import { givenRun, record } from '../support/given-runs.ts';
import { eventually, toldOf } from '../app/vault/given-followed.ts';
import { givenServedVault, heldIn } from '../app/vault/given-served-vault.ts';

vi.setConfig({ testTimeout: 120_000 });

/** How many requests a grant and a lowering take: reads, writes and the list of secret ids. */
const GRANT = 3;
const LOWERING = 8;

/** How many agents have met a fault: from now on the n-th request about agent `a-<n>` meets a fault. */
function faultsAt(server: GivenVault, fault: Fault): () => number {
  const met = new Map<string, { asked: number; faults: number }>();
  server.meets(({ path }) => {
    const [, agentId, place] = /agent-(a-(\d+))(?:\/|$)/.exec(path) ?? [];
    if (agentId === undefined) return null;
    const found = met.get(agentId) ?? { asked: 0, faults: 0 };
    met.set(agentId, found);
    found.asked += 1;
    if (found.asked < Number(place) || found.faults > 0) return null;
    found.faults += 1;
    return fault;
  });
  return () => [...met.values()].filter(({ faults }) => faults > 0).length;
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
    const met = faultsAt(server, fault);
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
    for (const agentId of agents)
      await eventually(async () => {
        expect((await toldOf(app, agentId)).at(-1)).toBe('CONFIRMED T1');
      });
    const met = faultsAt(server, fault);
    for (const agentId of agents) await revoke(app, { agentId, toTier: 'T0' });
    await eventually(() => {
      const above = agents.filter((agentId) => {
        const held = heldIn(server, agentId);
        return held !== null && !held.disabled && held.tier !== 'T0';
      });
      expect(above).toEqual([]);
    }, 5_000);
    for (const agentId of agents)
      await eventually(async () => {
        expect((await toldOf(app, agentId)).at(-1)).toBe('CONFIRMED T0');
        expect(heldIn(server, agentId)).toEqual({ tier: 'T0', disabled: false });
      });
    expect(met(), 'agents that met it').toBe(agents.length);
  });
});

test('100 drifted agents are right within five seconds of the Vault healing', async () => {
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
  await server.start();
  await eventually(() => {
    const above = agents.filter((agentId) => {
      const held = heldIn(server, agentId);
      return held?.disabled === false && held.tier !== 'T0';
    });
    expect(above).toEqual([]);
  }, 5_000);
  await eventually(() => {
    for (const agentId of agents) expect(heldIn(server, agentId)).toEqual({ tier: 'T0', disabled: false });
  });
});
