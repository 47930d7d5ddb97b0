import { watch, type FSWatcher } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../app/ports/world.ts';
import { decodedText, NotTextError } from '../../governance/decoded-text.ts';
import type { Log } from '../log.ts';
import { TokenTable } from './token-table.ts';
import { hashToken, readTokens, TokensFileError, weakIds } from './tokens-file.ts';

/** Saving a file makes several events. */
const SETTLE_MS = 50;

interface FollowOptions {
  readonly file: string;
  /** Whether a token that could be guessed makes the file a broken one; else it is warned of. */
  readonly refuseWeak?: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** A tokens file that is followed. */
export interface FollowedFile {
  readonly table: TokenTable;
  /** Reads it again, in turn. */
  reload(): void;
  close(): void;
}

/**
 * Reads a tokens file and follows every change of its folder, which survives an atomic rename and a swapped symbolic link.
 * Nothing of its text is kept but hashes.
 * @throws TokensFileError if the file can't be used now; one that breaks later leaves the old one in force
 */
export async function followTokensFile(options: FollowOptions): Promise<FollowedFile> {
  const { file, refuseWeak = false, clock, log } = options;
  const { content, principals, weak } = judged(await textOf(file), file, refuseWeak);
  warnOfWeak(log, file, weak);
  let known = content;
  // What is told lands in a log, which may be in the same folder: told again each time, it would never end.
  let told = '';
  const table = new TokenTable(clock, principals);
  const readAgain = async () => {
    let text = '';
    try {
      text = await textOf(file);
      const now = judged(text, file, refuseWeak);
      told = '';
      if (now.content === known) return;
      table.replace(now.principals);
      known = now.content;
      log.info({ file }, 'read the tokens file again');
      warnOfWeak(log, file, now.weak);
    } catch (err) {
      const problems = err instanceof TokensFileError ? err.problems : ['something unforeseen happened'];
      const found = [hashToken(text), ...problems].join();
      if (told === found) return;
      told = found;
      log.error({ file, problems }, 'the tokens file is broken; the tokens it had remain in force');
    }
  };
  let reloaded = Promise.resolve();
  const inTurn = () => {
    reloaded = reloaded.then(readAgain);
  };
  const { reload, close } = onFolderChange(file, inTurn, log);
  const reloadAndTell = () => {
    told = '';
    reload();
  };
  return { table, reload: reloadAndTell, close };
}

function judged(text: string, file: string, refuseWeak: boolean) {
  const principals = readTokens(text, file);
  const weak = weakIds(text);
  if (refuseWeak && weak.length > 0) throw new TokensFileError(weak.map(weakProblem), file);
  return { content: hashToken(text), principals, weak };
}

function weakProblem(id: string): string {
  return `the token of ${id} could be guessed (it has less than 128 bits): make another with tierkeeper token new --id ${id} --role ROLE, and its kind and agents`;
}

function warnOfWeak(log: Log, file: string, weak: readonly string[]): void {
  if (weak.length === 0) return;
  const advice = 'tokens that could be guessed let in: make others with tierkeeper token new';
  log.warn({ file, ids: weak }, advice);
}

async function textOf(file: string): Promise<string> {
  try {
    return decodedText(await readFile(file));
  } catch (error) {
    if (error instanceof NotTextError) throw new TokensFileError([`it ${error.message}`], file);
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new TokensFileError([`it can't be read (${code})`], file);
  }
}

function onFolderChange(file: string, reload: () => void, log: Log): Omit<FollowedFile, 'table'> {
  let settling: NodeJS.Timeout | undefined;
  const soon = () => {
    clearTimeout(settling);
    settling = setTimeout(reload, SETTLE_MS);
  };
  const watcher = watchFolder(dirname(file), soon, (err) =>
    log.warn({ file, err }, 'the tokens file is not watched; send SIGHUP after a change'),
  );
  return {
    reload: soon,
    close: () => {
      clearTimeout(settling);
      watcher?.close();
    },
  };
}

/** Machines allow only so many watchers; then there is none. */
function watchFolder(
  folder: string,
  onChange: () => void,
  onError: (error: unknown) => void,
): FSWatcher | null {
  try {
    return watch(folder, onChange).on('error', onError);
  } catch (error) {
    onError(error);
    return null;
  }
}
