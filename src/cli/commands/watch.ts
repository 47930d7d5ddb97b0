import { setTimeout as pause } from 'node:timers/promises';
import { CursorDocument, WatchDocument, type LedgerEntryType } from '../../generated/graphql/cli.ts';
import type { Api } from '../api/api.ts';
import { ask, follow } from '../api/ask.ts';
import type { Cli } from '../cli.ts';
import { CliError, type ExitCode } from '../cli-error.ts';
import { withApi, type ApiOptions } from '../api/open-api.ts';
import { unlessStopped, untilStopped } from '../signals.ts';
import type { Terminal } from '../output/terminal.ts';

/** What to watch. */
export interface WatchOptions extends ApiOptions {
  readonly after?: string;
  readonly types?: readonly LedgerEntryType[];
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** Prints each entry of the ledger as one line of JSON, the moment it is appended, until it is told to stop. */
export async function watch(cli: Cli, options: WatchOptions): Promise<ExitCode> {
  const signal = untilStopped();
  return withApi(cli, options, async (api) => {
    const watcher = new Watcher(api, cli.terminal, options.types ?? null);
    await unlessStopped(signal, watcher.run(options.after ?? null, signal));
    return 0;
  });
}

/** Whether the same may work a little later: not what went wrong inside the server, which would again. */
function passes({ exit, code }: CliError): boolean {
  return exit === 3 && code !== 'INTERNAL';
}

/** Follows the ledger through lost connections: each time after the last entry that was printed. */
class Watcher {
  readonly #api: Api;
  readonly #terminal: Terminal;
  readonly #types: readonly LedgerEntryType[] | null;
  #cursor = '';
  /** Whether it was ever connected: then a lost connection is waited out. */
  #connected = false;
  #lost = false;
  #pause = FIRST_PAUSE_MS;

  constructor(api: Api, terminal: Terminal, types: readonly LedgerEntryType[] | null) {
    this.#api = api;
    this.#terminal = terminal;
    this.#types = types;
  }

  async run(after: string | null, signal: AbortSignal): Promise<void> {
    this.#cursor = after ?? (await ask(this.#api, CursorDocument, {})).cursor;
    const stopped = () => signal.aborted;
    while (!stopped()) {
      try {
        await this.#print(signal);
      } catch (error) {
        if (stopped()) return;
        if (!this.#connected || !(error instanceof CliError) || !passes(error)) throw error;
        this.#lose(error);
        await pause(this.#pause, undefined, { signal }).catch(() => undefined);
        this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  async #print(signal: AbortSignal): Promise<void> {
    const variables = { after: this.#cursor, types: this.#types };
    const onConnected = () => this.#find();
    for await (const { ledgerAppended } of follow(this.#api, WatchDocument, {
      variables,
      signal,
      onConnected,
    })) {
      await this.#terminal.printLine(ledgerAppended);
      this.#cursor = ledgerAppended.cursor;
    }
  }

  #find(): void {
    if (this.#lost) this.#terminal.note('Connected again; nothing was missed.');
    this.#connected = true;
    this.#lost = false;
    this.#pause = FIRST_PAUSE_MS;
  }

  #lose({ message }: CliError): void {
    if (!this.#lost) this.#terminal.note(`${message} Trying again until it can.`);
    this.#lost = true;
  }
}
