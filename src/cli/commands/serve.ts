import type { Config } from '../../config/config.ts';
import { databaseFileOf } from '../../config/database-file.ts';
import { configOf, type Cli } from '../cli.ts';
import { usageError, type ExitCode } from '../cli-error.ts';
import { openService, type Listening, type Service, type ServiceOptions } from '../../compose/service.ts';
import { operator } from '../os-user.ts';
import { FOREVER, unlessStopped, untilStopped } from '../signals.ts';
import { table } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';

/** Serves the API until it is told to stop. */
export async function serve(
  cli: Cli,
  { adoptPolicy = false, dryRun = false }: { readonly adoptPolicy?: boolean; readonly dryRun?: boolean } = {},
): Promise<ExitCode> {
  if (dryRun && !adoptPolicy)
    throw usageError('--dry-run shows what --adopt-policy would change: give both.');
  if (dryRun) return (await import('./preview-adoption.ts')).previewAdoption(cli);
  const config = await configOf(cli);
  const work = async (service: Service, signal: AbortSignal) => {
    const listening = await service.listen();
    if (signal.aborted) return FOREVER;
    cli.terminal.printJson(started(listening));
    cli.terminal.print(...startedLines(cli.terminal.colors, config, listening));
    return FOREVER;
  };
  return serving(config, work, { adoptPolicy });
}

/** How long stopping may take before the process just ends. */
const STOP_MS = 4_500;

/** Opens a service, lets it work until the process is told to stop, and closes it. */
export async function serving(
  config: Config,
  work: (service: Service, signal: AbortSignal) => Promise<never>,
  options: Omit<ServiceOptions, 'operator'> = {},
): Promise<ExitCode> {
  const signal = untilStopped();
  const service = await openService(config, { operator: operator(), ...options });
  signal.addEventListener('abort', () => setTimeout(() => process.exit(0), STOP_MS).unref(), { once: true });
  try {
    if (!signal.aborted) await unlessStopped(signal, work(service, signal));
    return 0;
  } finally {
    await service.close();
  }
}

/** What `--json` prints of a start. */
export function started({ url, fresh }: Listening) {
  const tokens = fresh.map(({ token, principal }) => ({ token, id: principal.id, roles: principal.roles }));
  return { url, tokens };
}

/** What people need to know of a start: where it listens and, if nothing is configured, with which tokens. */
export function startedLines(
  colors: Terminal['colors'],
  config: Config,
  { url, fresh, tokensKeptIn }: Listening & { readonly tokensKeptIn?: string },
): readonly string[] {
  const { production, tokensFile } = config;
  return [
    `${colors.green('●')} Tierkeeper listens on ${colors.bold(url)}`,
    ...table([
      ...(production ? [] : [['  GraphiQL', `open ${url} in a browser`]]),
      ['  Database', databaseFileOf(config)],
      ...(tokensFile === null ? [] : [['  Tokens', tokensFile]]),
    ]),
    ...(fresh.length === 0
      ? []
      : [
          '',
          `No tokens are configured, so only this machine may come in. These last ${tokensKeptIn === undefined ? 'until the server stops' : `as long as ${tokensKeptIn}`}:`,
          ...table(
            fresh.map(({ token, principal }) => [`  ${principal.id}`, { text: token, paint: colors.cyan }]),
          ),
          colors.dim(`Send one as: Authorization: Bearer TOKEN`),
        ]),
    '',
  ];
}
