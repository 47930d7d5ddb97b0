import { randomIds } from '../adapters/system/ids.ts';
import type { Config } from '../config/config.ts';
import type { Engine } from './engine.ts';

/** A caller, as engines know it. */
export type Principal = Parameters<Engine['contextFor']>[0];

/** The part of a configuration that says which tokens are accepted. */
export function authenticationSources({ tokensFile, weakTokens, jwt, host, production }: Config) {
  return { file: tokensFile, weakTokens, jwt, host, production };
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
  const tokens = await openTokens({ ...authenticationSources(config), clock, ids: randomIds, log });
  try {
    return await tokens.authenticate(`Bearer ${token}`);
  } finally {
    tokens.close();
  }
}
