import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import type { Terminal } from './output/terminal.ts';

export type { Environment } from '../config/environment.ts';

/** What every command is given. */
export interface Cli {
  readonly terminal: Terminal;
  readonly environment: Environment;
}

/**
 * What the environment decides. Loaded only by commands that need it: `--help` does not.
 * @throws ConfigError
 */
export async function configOf({ environment, terminal }: Cli, overrides: Environment = {}): Promise<Config> {
  const { configWarnings, loadConfig } = await import('../config/config.ts');
  for (const warning of configWarnings(environment)) terminal.note(`warning: ${warning}.`);
  return loadConfig({ ...environment, ...overrides });
}
