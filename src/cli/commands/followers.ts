import type { Engine } from '../../compose.ts';
import { configOf, type Cli } from '../cli.ts';
import { usageError, type ExitCode } from '../cli-error.ts';
import { operator } from '../os-user.ts';
import { printable } from '../printable.ts';
import { table } from '../table.ts';

const MOST_DEAD = 100;

type FollowerStore = Engine['followers']['store'];

/** Shows how followers stand and what they gave up; with `--retry NAME` has that tried again. */
export async function followers(cli: Cli, { retry }: { readonly retry?: string }): Promise<ExitCode> {
  const config = await configOf(cli);
  const { openEngine } = await import('../../compose.ts');
  const engine = await openEngine({ ...config, vault: null }, { operator: operator() });
  try {
    const { store } = engine.followers;
    if (retry === undefined) await show(cli, store);
    else await revive(cli, store, retry, engine.app.clock.now());
    return 0;
  } finally {
    await engine.close();
  }
}

async function show({ terminal }: Cli, store: FollowerStore): Promise<void> {
  const standings = await store.standings();
  const dead = await Promise.all(standings.map(({ name }) => store.deadLetters(name, MOST_DEAD)));
  terminal.printJson(standings.map((standing, index) => ({ ...standing, deadLetters: dead[index] ?? [] })));
  if (standings.length === 0) {
    terminal.print('Nothing has followed this ledger yet.');
    return;
  }
  const rows = standings.map(({ name, breaker, lag, pending, lastError }) => [
    ...[name, breaker, String(lag), String(pending), lastError ?? ''],
  ]);
  terminal.print(...table([['FOLLOWER', 'BREAKER', 'BEHIND', 'PENDING', 'LAST ERROR'], ...rows]));
  for (const letter of dead.flat())
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
