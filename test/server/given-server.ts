// A real server on a free port, with a schema of its own that misbehaves on request, and clients that see every byte.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gauge, Registry } from 'prom-client';
import { expect, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { randomIds } from '../../src/adapters/system/ids.ts';
import { createLog } from '../../src/adapters/system/log.ts';
import type { Clock } from '../../src/app/ports/world.ts';
import type { JwtConfig } from '../../src/config/jwt.ts';
import { loadConfig, type Limits } from '../../src/config/config.ts';
import type { Operation } from '../../src/server/access/caller.ts';
import { startServer, type ServerOptions } from '../../src/server/server.ts';
import { openTokens } from '../../src/server/access/tokens.ts';
import { TestSchema } from './test-schema.ts';

/** Tokens, by whom they let in. */
export const TOKEN = {
  viewer: 't-viewer',
  admin: 't-admin',
  auditor: 't-auditor',
  service: 't-service',
} as const;

/** What the tokens file says at first. */
export const PRINCIPALS: readonly object[] = [
  { token: TOKEN.viewer, id: 'val', kind: 'person', roles: ['viewer'] },
  { token: TOKEN.admin, id: 'root', kind: 'person', roles: ['viewer', 'reviewer', 'admin'] },
  { token: TOKEN.auditor, id: 'ada', kind: 'person', roles: ['viewer', 'auditor'] },
  { token: TOKEN.service, id: 'runner', kind: 'service', roles: ['viewer', 'recorder'] },
];

type Overrides = Partial<Pick<ServerOptions<object>, 'readiness' | 'cost' | 'persistedOperations'>> & {
  readonly limits?: Partial<Limits>;
  readonly production?: boolean;
  readonly allowedOrigins?: readonly string[];
  readonly clock?: Clock;
  readonly host?: string;
  readonly port?: number;
  readonly principals?: readonly object[];
  readonly jwt?: JwtConfig;
};

/** Starts a server that ends with the test. */
export async function givenServer(overrides: Overrides = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'tierkeeper-'));
  const file = join(folder, 'tokens.json');
  const savePrincipals = (principals: unknown) => writeFile(file, JSON.stringify(principals));
  await savePrincipals(overrides.principals ?? PRINCIPALS);
  const lines: string[] = [];
  const log = createLog('debug', { write: (line) => void lines.push(line) });
  const clock = overrides.clock ?? systemClock;
  const config = loadConfig({ PORT: '0', NODE_ENV: overrides.production === true ? 'production' : 'test' });
  const tokens = await openTokens({
    file,
    jwt: overrides.jwt ?? null,
    host: config.host,
    clock,
    ids: randomIds,
    log,
  });
  const world = new TestSchema();
  const operations: Operation[] = [];
  const metrics = new Registry();
  const subscribers = async () => (await gaugeOf(metrics, 'tierkeeper_subscribers').get()).values[0]?.value;
  onTestFinished(async () => {
    tokens.close();
    await rm(folder, { recursive: true });
  });
  const server = await startServer({
    config: {
      ...config,
      host: overrides.host ?? config.host,
      port: overrides.port ?? config.port,
      limits: { ...config.limits, ...overrides.limits },
      allowedOrigins: overrides.allowedOrigins ?? [],
    },
    schema: world.schema,
    context: (operation) => {
      operations.push(operation);
      return { operation };
    },
    ...(overrides.cost === undefined ? {} : { cost: overrides.cost }),
    persistedOperations: overrides.persistedOperations ?? null,
    readiness: overrides.readiness ?? (() => Promise.resolve({ ready: true, checks: { database: 'ok' } })),
    metrics,
    tokens,
    clock,
    ids: randomIds,
    log,
  });
  onTestFinished(() => server.close());
  const at = (path: string) => new URL(path, server.url).href;
  return { ...server, at, world, operations, file, savePrincipals, lines, subscribers };
}

/** A server under test. */
export type Given = Awaited<ReturnType<typeof givenServer>>;

/** Resolved once so many subscriptions are open. */
export async function subscribed(given: Given, many: number): Promise<void> {
  await vi.waitFor(async () => expect(await given.subscribers()).toBe(many), 5_000);
}

function gaugeOf(metrics: Registry, name: string): Gauge {
  const metric = metrics.getSingleMetric(name);
  if (metric instanceof Gauge) return metric;
  throw new Error(`There is no gauge ${name}.`);
}
