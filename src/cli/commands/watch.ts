import { setTimeout as pause } from 'node:timers/promises';
import { CursorDocument, WatchDocument, type LedgerEntryType } from '../../generated/graphql/cli.ts';
import { ask, follow, type Api } from '../api.ts';
import type { Cli } from '../cli.ts';
import { CliError, type ExitCode } from '../cli-error.ts';
import { withApi, type ApiOptions } from '../open-api.ts';
import { unlessStopped, untilStopped } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

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

/** Follows the ledger through lost connections: each time after the last entry that was printed. */
class Watcher {
  readonly #api: Api;
  readonly #terminal: Terminal;
  readonly #types: readonly LedgerEntryType[] | null;
  #cursor = '';
  #connected = false;
  #pause = FIRST_PAUSE_MS;

  constructor(api: Api, terminal: Terminal, types: readonly LedgerEntryType[] | null) {
    this.#api = api;
    this.#terminal = terminal;
    this.#types = types;
  }

  async run(after: string | null, signal: AbortSignal): Promise<void> {
    this.#cursor = after ?? (await ask(this.#api, CursorDocument, {})).cursor;
    while (!signal.aborted) {
      try {
        await this.#print(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!this.#connected || !(error instanceof CliError) || error.exit !== 3) throw error;
        this.#terminal.note(`${error.message} Trying again.`);
        await pause(this.#pause, undefined, { signal }).catch(() => undefined);
        this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  async #print(signal: AbortSignal): Promise<void> {
    const variables = { after: this.#cursor, types: this.#types };
    const onConnected = () => {
      this.#connected = true;
      this.#pause = FIRST_PAUSE_MS;
    };
    for await (const { ledgerAppended } of follow(this.#api, WatchDocument, { variables, signal, onConnected })) {
      await this.#terminal.printLine(ledgerAppended);
      this.#cursor = ledgerAppended.cursor;
    }
  }
}
