import type { App } from '../../src/app/app.ts';
import type { StoredEntry } from '../../src/app/ports/ledger.ts';
import type { LedgerEntryType } from '../../src/governance/ledger/entries.ts';
import { GovernanceError } from '../../src/governance/errors.ts';

/** An entry of one type. */
export type EntryOf<T extends LedgerEntryType> = Extract<StoredEntry, { type: T }>;

/** Every entry of a type so far, oldest first. */
export async function entriesOf<T extends LedgerEntryType>(
  app: App,
  type: T,
): Promise<readonly EntryOf<T>[]> {
  return (await app.store.reader.entriesAfter(0, 100_000, type)) as EntryOf<T>[];
}

/** The types of all entries but the adoption of the policy, oldest first. */
export async function typesOf(app: App, agentId?: string): Promise<readonly LedgerEntryType[]> {
  const entries = await app.store.reader.entriesAfter(1, 100_000);
  return entries
    .filter((entry) => agentId === undefined || entry.agentId === agentId)
    .map(({ type }) => type);
}

/** The refusal that a command meets; it fails if the command does not. */
export async function refusalOf(command: Promise<unknown>): Promise<GovernanceError> {
  const outcome = await command.then(
    () => new Error('The command was not refused.'),
    (error: unknown) => error,
  );
  if (outcome instanceof GovernanceError) return outcome;
  throw outcome;
}

/** The code of that refusal. */
export async function codeOf(command: Promise<unknown>): Promise<string> {
  return (await refusalOf(command)).code;
}
