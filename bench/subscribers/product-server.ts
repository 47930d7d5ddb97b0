import { openService } from '../../src/compose/service.ts';
import { loadConfig } from '../../src/config/config.ts';
import { eligibleAgents, type EventServer } from './event-server.ts';

/** The product, with room for everybody. */
export async function productServer(file: string): Promise<EventServer> {
  const config = loadConfig({
    DATABASE_URL: `file:${file}`,
    PORT: '0',
    LOG_LEVEL: 'silent',
    TIERKEEPER_LIMITS: JSON.stringify({ socketsPerPrincipal: 100_000, operationsPerMinute: 1_000_000 }),
  });
  const service = await openService(config, { operator: { id: 'bench:operator', kind: 'PERSON' } });
  const { url, fresh } = await service.listen();
  const token = fresh.find(({ principal }) => principal.roles.includes('VIEWER'))?.token ?? null;
  return { url, token, event: eligibleAgents(service.engine.app) };
}
