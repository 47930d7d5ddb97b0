import type { Engine } from '../../compose/engine.ts';
import { FollowersDocument } from '../../generated/graphql/cli.ts';
import { ask } from '../api/ask.ts';
import { configOf, type Cli } from '../cli.ts';
import { usageError, type CliError, type ExitCode } from '../cli-error.ts';
import { withApi, type ApiOptions } from '../api/open-api.ts';
import { operator } from '../os-user.ts';
import { printable } from '../output/printable.ts';
import { table } from '../output/table.ts';

const MOST_DEAD = 100;

type FollowerStore = Engine['followers']['store'];

/** What is shown of a follower, by whichever way it was asked. */
interface Standing {
  readonly name: string;
  readonly breaker: string;
  readonly lag: number;
  readonly pending: number;
  readonly lastError: string | null;
  readonly deadLetters: readonly {
    readonly key: string;
    readonly attempts: number;
    readonly error: string | null;
  }[];
}

/** Shows how followers stand and what they gave up; with `--retry NAME` has that tried again, on the database alone. */
export async function followers(
  cli: Cli,
  { retry, url }: ApiOptions & { readonly retry?: string },
): Promise<ExitCode> {
  const config = await configOf(cli, url === undefined ? {} : { TIERKEEPER_URL: url });
  if (config.url !== null) {
    if (retry !== undefined) throw retryElsewhere(config.url);
    return withApi(cli, url === undefined ? {} : { url }, async (api) => {
      show(cli, (await ask(api, FollowersDocument, {})).followers);
      return 0;
    });
  }
  const { openEngine } = await import('../../compose/engine.ts');
  const engine = await openEngine({ ...config, vault: null }, { operator: operator() });
  try {
    const { store } = engine.followers;
    if (retry === undefined) show(cli, await standingsOf(store));
    else await revive(cli, store, retry, engine.app.clock.now());
    return 0;
  } finally {
    await engine.close();
  }
}

function retryElsewhere(url: string): CliError {
  return usageError(
    `--retry works on the database alone, and TIERKEEPER_URL or --url names the server ${new URL(url).origin}. ` +
      "Run it on that server's machine, with its DATABASE_URL and without a URL.",
  );
}

async function standingsOf(store: FollowerStore) {
  const standings = await store.standings();
  const dead = await Promise.all(standings.map(({ name }) => store.deadLetters(name, MOST_DEAD)));
  return standings.map((standing, index) => ({ ...standing, deadLetters: dead[index] ?? [] }));
}

function show({ terminal }: Cli, standings: readonly Standing[]): void {
  terminal.printJson(standings);
  if (standings.length === 0) {
    terminal.print('Nothing has followed this ledger yet.');
    return;
  }
  const rows = standings.map(({ name, breaker, lag, pending, lastError }) => [
    name,
    breaker,
    String(lag),
    String(pending),
    printable(lastError ?? ''),
  ]);
  terminal.print(...table([['FOLLOWER', 'BREAKER', 'BEHIND', 'PENDING', 'LAST ERROR'], ...rows]));
  for (const letter of standings.flatMap(({ deadLetters }) => deadLetters))
    terminal.print(`gave up ${letter.key} after ${letter.attempts} times: ${printable(letter.error ?? '')}`);
}

async function revive({ terminal }: Cli, store: FollowerStore, name: string, now: number): Promise<void> {
  if ((await store.follower(name)) === null)
    throw usageError(
      `There is no follower ${printable(name)}: name one that \`tierkeeper followers\` lists.`,
    );
  const revived = await store.revive(name, null, now);
  terminal.printJson({ follower: name, revived });
  terminal.print(
    revived === 0
      ? `${name} has given up nothing.`
      : `${terminal.colors.green('✓')} ${revived} that ${name} gave up will be tried again.`,
  );
}
