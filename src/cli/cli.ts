import type { Config } from '../config.ts';
import type { Terminal } from './terminal.ts';

/** The environment: names and values. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What every command is given. */
export interface Cli {
  readonly terminal: Terminal;
  readonly environment: Environment;
}

/**
 * What the environment decides. Loaded only by commands that need it: `--help` does not.
 * @throws ConfigError
 */
export async function configOf({ environment }: Cli, overrides: Environment = {}): Promise<Config> {
  const { loadConfig } = await import('../config.ts');
  return loadConfig({ ...environment, ...overrides });
}
