import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { dirname, join } from 'node:path';
import type { GraphQLSchema } from 'graphql';
import { LocalDoorbell } from '../adapters/doorbell/local-doorbell.ts';
import { watchCommits } from '../adapters/doorbell/watch-commits.ts';
import type { SqliteDatabase } from '../adapters/sqlite/database.ts';
import { openDatabase } from '../adapters/sqlite/open-database.ts';
import { PrismaFollowerStore } from '../adapters/prisma/follower-store.ts';
import { PrismaStore } from '../adapters/prisma/store.ts';
import { SystemAlarm } from '../adapters/system/alarm.ts';
import { monotonicClock } from '../adapters/system/monotonic-clock.ts';
import { randomIds } from '../adapters/system/ids.ts';
import { turn } from '../adapters/system/turn.ts';
import { adoptPolicy, type Adopted } from '../app/standing/adopt-policy.ts';
import { EligibilityClock } from '../app/standing/eligibility-clock.ts';
import type { FollowerRunner } from '../app/followers/follower-runner.ts';
import type { FollowerStore, FollowerWatch } from '../app/ports/deliveries.ts';
import { learnTime } from '../app/time/learn-time.ts';
import { LedgerTail } from '../app/feed/ledger-tail.ts';
import type { App } from '../app/app.ts';
import type { Clock, Meter } from '../app/ports/world.ts';
import { NO_WITNESS } from '../app/time/witnessed-clock.ts';
import type { Vault } from '../app/ports/vault.ts';
import { machineTime } from './time.ts';
import type { Config } from '../config/config.ts';
import { databaseFileOf } from '../config/database-file.ts';
import { baseline } from '../governance/policies/baseline.ts';
import type { Policy } from '../governance/policy.ts';
import type { Principal } from '../governance/principals/principal.ts';
import { unlimited, type Budget } from '../graphql/budget.ts';
import type { ConfiguredFollowers, Context } from '../graphql/context.ts';
import { createContext } from '../graphql/create-context.ts';
import { createSchema } from '../graphql/schema.ts';

/** Tierkeeper without a wire: the use cases, and the API that runs in this process. */
export interface Engine {
  readonly app: App;
  readonly database: SqliteDatabase;
  readonly schema: GraphQLSchema;
  /** A context; `resumeAfter` is the cursor that a stream resumes after. */
  contextFor(principal: Principal, resumeAfter?: string | null, budget?: Budget): Promise<Context>;
  /** What putting the configured policy in force changed as this engine opened; null if none was replaced. */
  readonly adopted: Adopted | null;
  /** How many commands wait for the writer or are with it. */
  waiting(): number;
  /** Settles what is due by now, and from then on what time alone changes, at the instant at which it does. */
  startClock(onFault: (fault: unknown) => void): Promise<void>;
  /** The followers that are configured, and where they keep how far they are. */
  readonly followers: ConfiguredFollowers & { readonly store: FollowerStore };
  /** From now on tells what follows the ledger outside; without any configured, nothing. */
  startFollowers(watch: FollowerWatch): Promise<void>;
  /** Whether a follower compares for the first time since it was started. */
  isComparing(): boolean;
  /** Lets what was begun end, then closes everything in the reverse order of opening. */
  close(): Promise<void>;
}

/** What an engine is opened with beside its configuration. */
export interface EngineOptions {
  /** Who opens it: the actor of what opening it changes. */
  readonly operator: Pick<Principal, 'id' | 'kind'>;
  /** Whether to put the configured policy in force where another one is. */
  readonly adoptPolicy?: boolean;
  /** What to do where there is no database: make one, or refuse, which is the default. */
  readonly absent?: 'create' | 'refuse';
  /** Whether every page of the database is looked at first. */
  readonly checked?: boolean;
  readonly meter?: Meter;
  readonly clock?: Clock;
  /** Vault, where another one than the configured is to follow. */
  readonly vault?: Vault;
}

/** The client ends its calls itself; the outlet waits this much longer before it gives one up, in milliseconds. */
const GRACE = 100;

const NO_METER: Meter = { command: () => undefined };

/**
 * Opens the database, migrated, and makes sure of the policy in force.
 * @throws VaultCertificateError, MigrationError, PolicyFileError, PolicyMismatchError, StorageBusyError, StorageUnavailableError
 */
export async function openEngine(config: Config, options: EngineOptions): Promise<Engine> {
  const { meter = NO_METER } = options;
  const { clock, witness } =
    options.clock === undefined ? machineTime() : { clock: options.clock, witness: NO_WITNESS };
  const policy = config.policyFile === null ? baseline : await policyFrom(config.policyFile);
  const opened = options.vault === undefined ? await vaultOf(config, clock) : null;
  const { database } = openDatabase(databaseFileOf(config), {
    absent: options.absent ?? 'refuse',
    checked: options.checked ?? false,
  });
  const store = new PrismaStore(database, { clock, ids: randomIds, witness });
  const doorbell = new LocalDoorbell();
  const app: App = { store, clock, witness, ids: randomIds, doorbell, meter };
  let adopted: Adopted | null;
  try {
    await learnTime(app);
    adopted = await adoptPolicy(app, policy, {
      operator: options.operator,
      replace: options.adoptPolicy ?? false,
    });
  } catch (error) {
    await database.close();
    throw error;
  }
  const stopWatching = watchCommits(doorbell, () => database.dataVersion());
  const alarm = new SystemAlarm(clock);
  const tail = new LedgerTail({ reader: store.reader, doorbell, clock, alarm, turn });
  const vault = options.vault ?? opened;
  const followers = { names: vault === null ? [] : ['vault'], store: new PrismaFollowerStore(database) };
  const sources = { app, tail, followers, prisma: database.reader };
  let eligibilityClock: EligibilityClock | null = null;
  let runner: FollowerRunner | null = null;
  return {
    app,
    database,
    schema: createSchema(),
    contextFor: (principal, resumeAfter = null, budget = unlimited()) =>
      createContext(sources, { principal, resumeAfter, budget }),
    adopted,
    waiting: () => store.waiting,
    startClock: async (onFault) => {
      eligibilityClock ??= new EligibilityClock(app, new SystemAlarm(clock), onFault);
      await eligibilityClock.start();
    },
    followers,
    startFollowers: async (watch) => {
      if (vault === null) return;
      runner ??= await vaultRunner(app, { vault, store: followers.store, watch });
      runner.start();
    },
    isComparing: () => runner?.isComparing ?? false,
    close: async () => {
      await runner?.stop();
      opened?.close();
      await eligibilityClock?.stop();
      stopWatching();
      await database.close();
    },
  };
}

/**
 * The same to try something that must leave nothing behind: where there is no database yet, on one that is deleted as it
 * closes.
 * @throws what `openEngine` does
 */
export async function openEngineAside(config: Config, options: EngineOptions): Promise<Engine> {
  if (existsSync(databaseFileOf(config))) return openEngine(config, options);
  const folder = folderAside(databaseFileOf(config));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const engine = await openEngine(
      { ...config, databaseUrl: `file:${join(folder, 'aside.db')}` },
      { ...options, absent: 'create' },
    );
    return { ...engine, close: () => engine.close().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Where the root file system is read-only, the folder of the data may be the only one that takes files. */
function folderAside(database: string): string {
  const prefix = 'tierkeeper-';
  try {
    return mkdtempSync(join(tmpdir(), prefix));
  } catch (error) {
    if (!existsSync(dirname(database))) throw error;
    return mkdtempSync(join(dirname(database), prefix));
  }
}

/** Nothing is asked of it before its follower starts. */
async function vaultOf({ vault }: Config, clock: Clock) {
  if (vault === null) return null;
  const { openVault } = await import('../adapters/vault/open-vault.ts');
  return openVault(vault, { clock });
}

/** Loaded only where there is a Vault. */
async function vaultRunner(
  app: App,
  by: { readonly vault: Vault; readonly store: FollowerStore; readonly watch: FollowerWatch },
): Promise<FollowerRunner> {
  const [{ CockatielOutlet }, { FollowerRunner }, { isVaultOutage }, { VaultFollower }] = await Promise.all([
    import('../adapters/breaker/cockatiel-outlet.ts'),
    import('../app/followers/follower-runner.ts'),
    import('../app/vault/vault-outage.ts'),
    import('../app/vault/vault-follower.ts'),
  ]);
  const { vault, store, watch } = by;
  const { clock } = app;
  const outlet = new CockatielOutlet({
    clock,
    monotonic: monotonicClock,
    timeout: vault.timeout + GRACE,
    isOutage: isVaultOutage,
  });
  const follower = new VaultFollower({ app, vault, outlet, store, pause });
  const alarm = new SystemAlarm(clock);
  return new FollowerRunner(follower, { app, store, outlet, alarm, watch, holder: app.ids.next(), turn });
}

/** Loaded only where there is a file: parsing YAML is not for every start. */
async function policyFrom(file: string): Promise<Policy> {
  const { readPolicyFile } = await import('../adapters/system/read-policy-file.ts');
  return readPolicyFile(file);
}
