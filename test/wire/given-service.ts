import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openService } from '../../src/compose/service.ts';
import { loadConfig, type Limits } from '../../src/config/config.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** Who a service lets in. */
export interface Admitted {
  readonly token: string;
  readonly id: string;
  readonly kind: 'person' | 'agent' | 'service';
  readonly roles: readonly string[];
  readonly agents?: readonly string[];
}

/** The variables of a fresh database on a free port, with who may come in and how often. */
export function givenVariables(admitted: readonly Admitted[], limits: Partial<Limits>) {
  const folder = tempFolder();
  const tokens = join(folder, 'tokens.json');
  writeFileSync(tokens, JSON.stringify(admitted));
  return {
    PORT: '0',
    LOG_LEVEL: 'error',
    DATABASE_URL: `file:${join(folder, 'tierkeeper.db')}`,
    TIERKEEPER_TOKENS_FILE: tokens,
    TIERKEEPER_LIMITS: JSON.stringify(limits),
  };
}

/** The whole product in this process, listening on a free port, until the test ends. */
export async function givenService(admitted: readonly Admitted[], limits: Partial<Limits> = {}) {
  const config = loadConfig(givenVariables(admitted, limits));
  const service = await openService(config, { operator: { id: 'operator:test', kind: 'PERSON' } });
  onTestFinished(() => service.close());
  const { url } = await service.listen();
  return { url, engine: service.engine };
}
