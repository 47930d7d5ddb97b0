import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { App } from '../../src/app/app.ts';
import type { Clock } from '../../src/app/ports/world.ts';
import type { Vault } from '../../src/app/ports/vault.ts';
import { openEngine, type Engine } from '../../src/compose/engine.ts';
import { loadConfig } from '../../src/config/config.ts';
import { DAY } from '../../src/governance/facts.ts';
import { baseline } from '../../src/governance/policies/baseline.ts';
import { policyData, type Policy } from '../../src/governance/policy.ts';
import { soundLedger } from '../app/proof/sound-ledger.ts';
import { tempFolder } from './temp-folder.ts';

/** The instant at which a hand-set clock begins. */
export const START = Date.UTC(2026, 5, 30, 12);

/** Lengths of time in milliseconds. */
export const [MINUTE, HOUR] = [60_000, 3_600_000];
export { DAY };

/** A clock that stands still until a test moves it. */
export class HandClock implements Clock {
  constructor(public instant = START) {}

  now(): number {
    return this.instant;
  }

  /** Moves it and gives the new instant. */
  advance(milliseconds: number): number {
    this.instant += milliseconds;
    return this.instant;
  }
}

/** A clock that runs, where what is tested waits by itself. */
export class RunningClock extends HandClock {
  override now(): number {
    return Date.now();
  }
}

/** How to open an engine: on a fresh file with the built-in policy and a clock of its own, unless told otherwise. */
export interface EngineWishes {
  readonly file?: string;
  readonly clock?: HandClock;
  readonly policy?: Policy;
  /** Whether to put the policy in force where another one is. */
  readonly adoptPolicy?: boolean;
  /** A Vault to follow the tiers. */
  readonly vault?: Vault;
  /** For a test that writes rows behind the ledger's back, or imports counters that no run stands behind. */
  readonly unsound?: boolean;
}

/** An open engine with the file it stands on and the clock that a test sets. */
export interface GivenEngine {
  readonly engine: Engine;
  readonly app: App;
  readonly clock: HandClock;
  readonly file: string;
  readonly policy: Policy;
}

/** Opens an engine that closes when the test ends; its ledger must be sound then, whatever the test did. */
export async function givenEngine(wishes: EngineWishes = {}): Promise<GivenEngine> {
  const { clock = new HandClock(), policy = baseline } = wishes;
  const file = wishes.file ?? join(tempFolder(), 'tierkeeper.db');
  const { engine, close } = await openedEngine({
    file,
    clock,
    policy,
    adoptPolicy: wishes.adoptPolicy ?? false,
    ...(wishes.vault === undefined ? {} : { vault: wishes.vault }),
  });
  onTestFinished(async () => {
    await close();
    if (wishes.unsound !== true) await soundLedger(file, { now: clock.now(), policy });
  });
  return { engine, app: engine.app, clock, file, policy };
}

/** An engine that its caller closes: where one test opens many. */
export async function openedEngine(
  wishes: Required<Omit<EngineWishes, 'unsound' | 'adoptPolicy' | 'vault'>> &
    Pick<EngineWishes, 'adoptPolicy' | 'vault'>,
) {
  const { file, clock, policy, adoptPolicy = false, vault } = wishes;
  const policyFile = policy.digest === baseline.digest ? '' : `${file}.policy.yaml`;
  if (policyFile !== '') writeFileSync(policyFile, JSON.stringify(policyData(policy)));
  const config = loadConfig({
    DATABASE_URL: `file:${file}`,
    TIERKEEPER_POLICY_FILE: policyFile,
  });
  const operator = { id: 'operator:test', kind: 'PERSON' } as const;
  const engine = await openEngine(config, {
    absent: 'create',
    operator,
    clock,
    adoptPolicy,
    ...(vault === undefined ? {} : { vault }),
  });
  return { engine, close: () => engine.close() };
}
