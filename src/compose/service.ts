import type { GraphQLError } from 'graphql';
import { randomIds } from '../adapters/system/ids.ts';
import { monotonicClock as monotonic } from '../adapters/system/monotonic-clock.ts';
import type { LedgerImport } from '../app/import-ledger/import-ledger.ts';
import type { ImportReport } from '../app/import-ledger/import-report.ts';
import type { Meter } from '../app/ports/world.ts';
import { accessClock } from './time.ts';
import type { Engine, EngineOptions } from './engine.ts';
import type { Config } from '../config/config.ts';
import { decodedText, NotTextError } from '../governance/decoded-text.ts';
import type { Adopted } from '../app/standing/adopt-policy.ts';
import type { Log } from '../server/log.ts';
import type { FreshToken } from '../server/access/fresh-tokens.ts';

/** Who acts, as engines know them. */
export type Principal = Parameters<Engine['contextFor']>[0];

/** The text of a file's bytes, or what keeps them from being one, as the rest of a sentence. */
export function readText(bytes: Uint8Array): { readonly text: string } | { readonly problem: string } {
  try {
    return { text: decodedText(bytes) };
  } catch (error) {
    if (error instanceof NotTextError) return { problem: error.message };
    throw error;
  }
}

/** A new random id. */
export function newId(): string {
  return randomIds.next();
}

/** A server that listens, and the tokens that it made because none are configured. */
export interface Listening {
  readonly url: string;
  readonly fresh: readonly FreshToken[];
}

/** An engine, and the wire to reach it by. */
export interface Service {
  readonly engine: Engine;
  /** @throws ListenError, NoTokensError, PersistedOperationsError, TokensFileError */
  listen(): Promise<Listening>;
  /** Lets a start that was begun end, stops listening within five seconds, then closes the engine. */
  close(): Promise<void>;
}

/** How to open a service; the last two are for the demonstration, which serves whoever tries it on their own machine. */
export interface ServiceOptions extends Pick<EngineOptions, 'operator' | 'adoptPolicy'> {
  /** Where nothing is configured, tokens last from one start to the next in this file. */
  readonly tokensKeptIn?: string;
  /** Pages of this machine may call, whatever their port. */
  readonly loopbackOrigins?: boolean;
}

/**
 * Opens an engine that can be served, on a new database where there is none; its commands are counted in the server's metrics.
 * @throws what `openEngine` does
 */
export async function openService(
  config: Config,
  { tokensKeptIn, loopbackOrigins = false, ...options }: ServiceOptions,
): Promise<Service> {
  const [
    { Registry, Counter },
    { reportMeasures },
    { reportClock },
    followed,
    { openEngine },
    { createLog },
  ] = await Promise.all([
    import('prom-client'),
    import('../server/metrics/fleet-metrics.ts'),
    import('../server/metrics/clock-watch.ts'),
    import('../server/metrics/follower-metrics.ts'),
    import('./engine.ts'),
    import('../adapters/system/log.ts'),
  ]);
  const metrics = new Registry();
  const commands = new Counter({
    name: 'tierkeeper_commands_total',
    help: 'Commands, by the code they were refused with, or DONE.',
    labelNames: ['command', 'code'],
    registers: [metrics],
  });
  const meter: Meter = { command: (command, code) => commands.inc({ command, code }) };
  const engine = await openEngine(config, { ...options, absent: 'create', meter });
  const { clock, ids, store } = engine.app;
  const log = createLog(config.logLevel);
  if (engine.adopted !== null) reportAdopted(log, engine.adopted);
  const measures = () => store.reader.measures();
  reportMeasures({ metrics, measures, waiting: () => engine.waiting(), clock, log });
  const standings = () => engine.followers.store.standings();
  if (engine.followers.names.length > 0)
    followed.reportFollowers({ metrics, standings, clock, monotonic, log });
  reportClock({ metrics, witness: engine.app.witness, log });
  engine.database.watchFiles((reason) => {
    if (reason === null) log.info({}, 'the database is the one that was opened again; commands are taken');
    else log.error({ reason }, 'the database is not the one that was opened; commands are refused');
  });
  const closing: (() => Promise<void> | void)[] = [() => engine.close()];
  const listen = async (): Promise<Listening> => {
    const [{ openTokens }, { startServer }, { operationCost }] = await Promise.all([
      import('../server/access/tokens.ts'),
      import('../server/server.ts'),
      import('../graphql/operation-cost.ts'),
    ]);
    const persistedOperations = await persistedOperationsOf(config, engine);
    await engine.startClock((err) =>
      log.error({ err }, 'settling what time has changed failed; it is tried again'),
    );
    await engine.startFollowers(followed.followerWatch(log));
    const tokens = await openTokens({
      ...waysIn(config),
      keptIn: tokensKeptIn ?? null,
      clock: accessClock(clock),
      ids,
      log,
    });
    closing.unshift(() => tokens.close());
    const server = await startServer({
      config,
      schema: engine.schema,
      persistedOperations,
      tokens,
      clock,
      ids,
      log,
      metrics,
      loopbackOrigins,
      context: ({ principal, lastEventId, budget }) => engine.contextFor(principal, lastEventId, budget),
      cost: operationCost(engine.schema),
      readiness: () => readiness(engine),
    });
    closing.unshift(() => server.close());
    return { url: server.url, fresh: tokens.fresh };
  };
  let starting: Promise<unknown> = Promise.resolve();
  return {
    engine,
    listen() {
      const listening = listen();
      starting = listening.catch(() => undefined);
      return listening;
    },
    async close() {
      await starting;
      for (const close of closing.splice(0)) await close();
    },
  };
}

/** So many agents are named in a line of the log. */
const MOST_NAMED = 20;

/** People who had voted, and agents that waited, learn of it here. */
function reportAdopted(log: Log, { policy, previous, lapsed, gained, votesLost }: Adopted): void {
  const counts = { policy, previous, lapsed: lapsed.length, gained: gained.length, votesLost };
  const names = { lapsedAgents: lapsed.slice(0, MOST_NAMED), gainedAgents: gained.slice(0, MOST_NAMED) };
  log.warn({ ...counts, ...names }, 'another policy was put in force');
}

async function persistedOperationsOf({ persistedOperationsFile: file }: Config, { schema }: Engine) {
  if (file === null) return null;
  const { readPersistedOperations } = await import('../server/persisted-operations.ts');
  return readPersistedOperations(file, schema);
}

function waysIn({ tokensFile, weakTokens, jwt, host, production }: Config) {
  return { file: tokensFile, weakTokens, jwt, host, production };
}

async function readiness(engine: Engine) {
  const { app, database, followers } = engine;
  const unwritable = await database.writeFault();
  try {
    const faults = database.faults();
    const detail = await followersDetail(followers);
    const isComparing = engine.isComparing();
    const { policyDigest } = await app.store.reader.head();
    const checks = {
      database: unwritable ?? 'ok',
      guards: faults.length === 0 ? 'ok' : faults,
      policy: policyDigest ?? 'none',
      clock: await clockDetail(app),
      ...(isComparing ? { comparison: 'the first comparison with Vault is under way' } : {}),
      ...detail,
    };
    const isSound = unwritable === null && faults.length === 0 && policyDigest !== null;
    return { ready: isSound && !isComparing, checks };
  } catch (error) {
    // Reading a file that somebody overwrites finds damage, too.
    const sentence = await sentenceOf(error);
    return { ready: false, checks: { database: unwritable ?? sentence } };
  }
}

/** @throws the error itself if it is no fault of the database */
async function sentenceOf(error: unknown): Promise<string> {
  const [{ storageErrorOf }, { faultSentence }] = await Promise.all([
    import('../app/ports/storage-errors.ts'),
    import('../adapters/sqlite/storage-faults.ts'),
  ]);
  const fault = storageErrorOf(error);
  if (fault === null) throw error;
  return faultSentence(fault);
}

/** A doubtful clock makes no server unready: what lowers must still reach it. */
async function clockDetail(app: Engine['app']): Promise<string> {
  if (app.witness.doubt() === null) return 'ok';
  const [{ learnTime }, { doubtSentence }] = await Promise.all([
    import('../app/time/learn-time.ts'),
    import('../governance/clock-witness.ts'),
  ]);
  await learnTime(app);
  const doubt = app.witness.doubt();
  return doubt === null ? 'ok' : `doubtful: ${doubtSentence(doubt)}`;
}

/** What follows the ledger is told, and never makes a server unready. */
async function followersDetail({ names, store }: Engine['followers']) {
  if (names.length === 0) return {};
  const standings = await store.standings();
  const told = standings.map(({ name, lag, pending, breaker, lastError, dead }) => [
    name,
    { lag, pending, breaker, lastError, deadLetters: dead },
  ]);
  return { followers: Object.fromEntries(told) as Readonly<Record<string, object>> };
}

/**
 * The principal of a token, by what is configured to let in; null if it lets nobody in.
 * @throws TokensFileError, GraphQLError OVERLOADED
 */
export async function authenticate(config: Config, token: string): Promise<Principal | null> {
  if (config.tokensFile === null && config.jwt === null) return null;
  const [{ openTokens }, { systemClock: clock }] = await Promise.all([
    import('../server/access/tokens.ts'),
    import('../adapters/system/clock.ts'),
  ]);
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const tokens = await openTokens({ ...waysIn(config), clock, ids: randomIds, log });
  try {
    return await tokens.authenticate(`Bearer ${token}`);
  } finally {
    tokens.close();
  }
}

/** Gives what an operation answered in this process the shape that it would have on the wire. */
export type Present = (answer: {
  readonly data?: unknown;
  readonly errors?: readonly unknown[] | undefined;
}) => { readonly data?: unknown; readonly errors?: readonly ReturnType<GraphQLError['toJSON']>[] };

/** The presenter of answers that do not leave this process; what went wrong inside is logged from `debug` on. */
export async function presenter(config: Config): Promise<Present> {
  const [{ ErrorPresenter, withoutHttp }, { createLog }] = await Promise.all([
    import('../server/error-presenter.ts'),
    import('../adapters/system/log.ts'),
  ]);
  const verbose = config.logLevel === 'debug' || config.logLevel === 'trace';
  const errors = new ErrorPresenter(createLog(verbose ? config.logLevel : 'silent'), monotonic);
  return (answer) => {
    const caller = { principal: null, requestId: newId() };
    const shown =
      answer.errors === undefined ? undefined : errors.errors(answer.errors, caller).map(withoutHttp);
    return {
      ...('data' in answer ? { data: answer.data } : {}),
      ...(shown === undefined ? {} : { errors: shown }),
    };
  };
}

/**
 * Imports the file of an original ledger into an engine that is opened, and closed, while the file is read: one that is no such
 * ledger makes no database.
 * @throws OriginalLedgerError, ClockDoubtfulError, StorageBusyError, StorageUnavailableError, and what opening does
 */
export async function importFile(
  open: () => Promise<Engine>,
  { file, ...what }: Omit<LedgerImport, 'ledger'> & { readonly file: string },
): Promise<ImportReport> {
  const [{ importLedger }, { openOriginalLedger }] = await Promise.all([
    import('../app/import-ledger/import-ledger.ts'),
    import('../adapters/original-ledger/open-original-ledger.ts'),
  ]);
  return openOriginalLedger(file).read(async (snapshot) => {
    const engine = await open();
    try {
      return await importLedger(engine.app, { ...what, ledger: { read: (work) => work(snapshot) } });
    } finally {
      await engine.close();
    }
  });
}
