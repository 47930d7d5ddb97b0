import { expect, test } from 'vitest';
import { OvertakenError } from '../../../src/app/ports/outlet-errors.ts';
import { repairVault } from '../../../src/app/vault/repair-vault.ts';
import { VaultSweep } from '../../../src/app/vault/vault-sweep.ts';
import { givenRun, record } from '../../support/given-runs.ts';
import { givenEngine } from '../../support/given-engine.ts';
import { MemoryVault } from './memory-vault.ts';

const AGENTS = 700;

/** An engine with a fleet whose follower this test is; how many entities were read before each pause is noted. */
async function givenFleet() {
  const { app, engine, clock } = await givenEngine();
  const agentIds = Array.from({ length: AGENTS }, (_, index) => `agent-${index}`);
  for (let first = 0; first < AGENTS; first += 100)
    await record(
      app,
      agentIds.slice(first, first + 100).map((agentId) => givenRun(clock.now(), { agentId })),
    );
  const { store } = engine.followers;
  const now = clock.now();
  const lease = { now, heldUntil: now + 4_000, voidAfter: now + 8_000, position: 0, asking: [] };
  await store.advance({ name: 'vault', holder: 'me', ...lease });
  const vault = new MemoryVault();
  let reads = 0;
  vault.onCall = (what) => {
    if (what === 'entity') reads += 1;
    return Promise.resolve();
  };
  const pauses: number[] = [];
  let isMine = true;
  const sweep = new VaultSweep();
  const compare = () =>
    repairVault(app, {
      store,
      sweep,
      lease: {
        holder: 'me',
        assertHeld: () => {
          if (!isMine) throw new OvertakenError();
        },
      },
      call: (_key, work) => work(vault),
      pause: (ms) => {
        pauses.push(reads);
        expect(ms).toBe(1_000);
        return Promise.resolve();
      },
    });
  /** Forgets what the last comparison asked for, so that all are compared again. */
  const forget = () =>
    engine.database.transaction(
      (tx) => tx.$executeRawUnsafe('DELETE FROM deliveries'),
      () => Promise.resolve(),
    );
  return { compare, forget, pauses, reads: () => reads, lose: () => (isMine = false) };
}

test('the first round is compared without a pause, and later ones 50 agents a second after the first 300', async () => {
  const { compare, forget, pauses, reads } = await givenFleet();
  await compare();
  expect([pauses, reads()]).toEqual([[], AGENTS]);
  await forget();
  await compare();
  expect(pauses.map((read) => read - AGENTS)).toEqual([300, 350, 400, 450, 500, 550, 600, 650]);
});

test('a round ends where the lease was lost while it paused', async () => {
  const { compare, forget, lose, reads } = await givenFleet();
  await compare();
  await forget();
  const before = reads();
  lose();
  await expect(compare()).rejects.toBeInstanceOf(OvertakenError);
  expect(reads()).toBe(before);
});
