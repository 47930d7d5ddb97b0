import { monotonicClock as monotonic } from '../adapters/system/monotonic-clock.ts';
import type { Meter } from '../app/ports/world.ts';
import { authenticationSources } from './authentication.ts';
import { readiness } from './readiness.ts';
import { accessClock } from './time.ts';
import type { Engine, EngineOptions } from './engine.ts';
import type { Config } from '../config/config.ts';
import type { Adopted } from '../app/standing/adopt-policy.ts';
import type { Log } from '../server/log.ts';
import type { FreshToken } from '../server/access/fresh-tokens.ts';

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
      ...authenticationSources(config),
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
