import { vi } from 'vitest';
import type { FollowerWatch } from '../../../src/app/ports/deliveries.ts';
import type { StoredEntry } from '../../../src/app/ports/ledger.ts';
import type { VaultEntry } from '../../../src/app/ports/vault-records.ts';
import { givenEngine, RunningClock, type EngineWishes } from '../../support/given-engine.ts';
import { MemoryVault } from './memory-vault.ts';

/** A watch that remembers. */
export class Watched implements FollowerWatch {
  readonly faults: unknown[] = [];
  readonly lates: string[] = [];
  readonly unknowns: string[] = [];
  readonly otherLedgers: string[] = [];

  fault(_follower: string, fault: unknown): void {
    this.faults.push(fault);
  }

  late({ key }: { readonly key: string }, why: string): void {
    this.lates.push(`${key}: ${why}`);
  }

  unknown(_follower: string, names: readonly string[]): void {
    this.unknowns.push(...names);
  }

  others(_follower: string, names: readonly string[]): void {
    this.otherLedgers.push(...names);
  }
}

/** An engine that runs by the clock of this machine, whose Vault follows the tiers. */
export async function givenFollowed(wishes: EngineWishes & { readonly vault?: MemoryVault } = {}) {
  const { vault = new MemoryVault() } = wishes;
  const given = await givenEngine({ clock: new RunningClock(), ...wishes, vault });
  const watch = new Watched();
  await given.engine.startFollowers(watch);
  return { ...given, vault, watch };
}

/** Waits until something holds; what it throws last is what fails. What costs a process much is looked at less often. */
export function eventually<T>(holds: () => T | Promise<T>, timeout = 30_000, interval = 10): Promise<T> {
  return vi.waitFor(holds, { timeout, interval });
}

/** The last that the ledger tells of an agent in Vault: for who waits for it, and must let a Vault in the same process answer. */
export async function lastTold(
  app: Awaited<ReturnType<typeof givenEngine>>['app'],
  agentId: string,
): Promise<string | undefined> {
  const last = (await app.store.reader.vaultRecords([agentId])).get(agentId)?.last;
  return last == null ? undefined : told(last)[0];
}

const TELLING = ['VAULT_CONFIRMED', 'VAULT_FAILED', 'VAULT_DRIFTED'] as const;

/** What the ledger tells of an agent in Vault, such as `CONFIRMED T1`. */
export async function toldOf(
  app: Awaited<ReturnType<typeof givenEngine>>['app'],
  agentId: string,
): Promise<readonly string[]> {
  const entries = await Promise.all(TELLING.map((type) => app.store.reader.entriesAfter(0, 10_000, type)));
  return entries
    .flat()
    .filter((entry) => entry.agentId === agentId)
    .sort((a, b) => a.seq - b.seq)
    .flatMap(told);
}

function told({ type, payload }: StoredEntry | VaultEntry): readonly string[] {
  if (type === 'VAULT_CONFIRMED') return [`CONFIRMED ${payload.tier}${payload.disabled ? ' disabled' : ''}`];
  if (type === 'VAULT_FAILED') return [`FAILED ${payload.failure}`];
  if (type !== 'VAULT_DRIFTED') return [];
  return [`DRIFTED from ${payload.tier} to ${payload.found?.tier ?? 'nothing'}`];
}
