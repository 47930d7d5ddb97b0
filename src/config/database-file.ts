import type { Config } from './config.ts';

/** The path of the database file that a configuration names. */
export function databaseFileOf({ databaseUrl }: Pick<Config, 'databaseUrl'>): string {
  return databaseUrl.replace(/^file:/, '');
}
