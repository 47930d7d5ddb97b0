import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openService, type Service } from '../../src/compose/service.ts';
import { loadConfig } from '../../src/config/config.ts';
import { tempFolder } from './temp-folder.ts';

/** Tokens of a server in production, by whom they let in. */
export const TOKENS = {
  agent: 'production-agent',
  viewer: 'production-viewer',
  admin: 'production-admin',
  runner: 'production-runner',
  auditor: 'production-auditor',
} as const;

const DATABASE = 'tierkeeper.db';

const PRINCIPALS = [
  { token: TOKENS.agent, id: 'eve', kind: 'agent', roles: ['recorder'] },
  { token: TOKENS.viewer, id: 'val', kind: 'person', roles: ['viewer'] },
  { token: TOKENS.admin, id: 'ada', kind: 'person', roles: ['viewer', 'admin'] },
  { token: TOKENS.runner, id: 'runner', kind: 'service', roles: ['viewer', 'recorder'] },
  { token: TOKENS.auditor, id: 'otto', kind: 'person', roles: ['viewer', 'auditor'] },
];

/** A server in production, with everything that it is made of, and nothing but its defaults unless told otherwise. */
export interface GivenProduction {
  readonly url: string;
  readonly service: Service;
  /** The file of the database, as it is on the disk. */
  readonly bytes: () => Buffer;
}

/** The variables of a server in production with those tokens and a database of its own, in a folder. */
export function productionVariables(folder: string): Readonly<Record<string, string>> {
  const tokens = join(folder, 'tokens.json');
  writeFileSync(tokens, JSON.stringify(PRINCIPALS));
  return {
    NODE_ENV: 'production',
    PORT: '0',
    LOG_LEVEL: 'silent',
    TIERKEEPER_TOKENS_FILE: tokens,
    DATABASE_URL: `file:${join(folder, DATABASE)}`,
  };
}

/** Serves until the test ends. */
export async function givenProduction(
  variables: Readonly<Record<string, string>> = {},
): Promise<GivenProduction> {
  const folder = tempFolder();
  const config = loadConfig({ ...productionVariables(folder), ...variables });
  const service = await openService(config, { operator: { id: 'operator:test', kind: 'PERSON' } });
  onTestFinished(() => service.close());
  const { url } = await service.listen();
  return { url, service, bytes: () => readFileSync(join(folder, DATABASE)) };
}
