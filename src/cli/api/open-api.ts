import type { Config } from '../../config/config.ts';
import type { Api } from './api.ts';
import { configOf, type Cli } from '../cli.ts';
import { CliError, usageError, type ExitCode } from '../cli-error.ts';
import type { Principal } from '../../compose/authentication.ts';
import { operator, osUser } from '../os-user.ts';
import { remoteApi } from './remote-api.ts';

/** What every command that asks the API can be given. */
export interface ApiOptions {
  readonly url?: string;
}

/**
 * Runs a command's work with the API, over the wire if a URL is set, else in this process, and closes it.
 * @throws CliError, ConfigError, and what opening an engine throws
 */
export async function withApi(
  cli: Cli,
  { url }: ApiOptions,
  work: (api: Api) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = await configOf(cli, url === undefined ? {} : { TIERKEEPER_URL: url });
  const api = config.url === null ? await inProcess(config) : remote(config.url, config.token);
  try {
    return await work(api);
  } finally {
    await api.close();
  }
}

function remote(address: string, token: string | null): Api {
  if (token === null)
    throw usageError(
      `To ask ${new URL(address).origin}, set TIERKEEPER_TOKEN to a token of that server. ` +
        'A server without a tokens file prints one per role when it starts.',
    );
  const url = new URL(address);
  if (url.pathname === '/') url.pathname = '/graphql';
  return remoteApi({ url, token });
}

async function inProcess(config: Config): Promise<Api> {
  const principal = await principalOf(config);
  const [{ openEngine }, { presenter }, { localApi }] = await Promise.all([
    import('../../compose/engine.ts'),
    import('../../compose/presenter.ts'),
    import('./local-api.ts'),
  ]);
  const engine = await openEngine(config, { operator: operator() });
  const api = localApi({ engine, principal, present: await presenter(config) });
  return { ...api, close: () => engine.close() };
}

async function principalOf(config: Config): Promise<Principal> {
  const { tokensFile, jwt, token } = config;
  if (token === null) {
    if (tokensFile === null && jwt === null) return localPrincipal();
    throw usageError(
      `${tokensFile === null ? 'TIERKEEPER_JWKS_URL' : 'TIERKEEPER_TOKENS_FILE'} is set, so this command needs to know who you are: set TIERKEEPER_TOKEN to your token.`,
    );
  }
  const { authenticate } = await import('../../compose/authentication.ts');
  const principal = await authenticate(config, token);
  if (principal !== null) return principal;
  const message =
    tokensFile === null && jwt === null
      ? 'TIERKEEPER_TOKEN is set, but there is no tokens file to look it up in. Set TIERKEEPER_URL to the server that gave it, or unset it.'
      : jwt === null
        ? 'TIERKEEPER_TOKEN is not in the tokens file, or has expired. Set it to a token that is.'
        : 'TIERKEEPER_TOKEN lets nobody in, or has expired. Set it to a token of your issuer, or one of the tokens file.';
  throw new CliError(message, { code: 'UNAUTHENTICATED', exit: 1 });
}

/** Where nothing is configured, whoever may write the database's file may do everything. */
function localPrincipal(): Principal {
  const roles = ['VIEWER', 'REVIEWER', 'ADMIN', 'AUDITOR'] as const;
  return { id: `local:${osUser()}`, kind: 'PERSON', roles, agents: null, expiresAt: null };
}
