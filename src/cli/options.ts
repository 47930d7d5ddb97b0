import { InvalidArgumentError } from 'commander';
import type { LedgerEntryType, Tier } from '../generated/graphql/cli.ts';
import { printable } from './output/printable.ts';

const TIERS = ['T0', 'T1', 'T2', 'T3', 'T4'] as const satisfies readonly Tier[];
const MOST = 100;

/** A tier, in upper or lower case. */
export function readTier(text: string): Tier {
  const tier = TIERS.find((each) => each === text.toUpperCase());
  if (tier === undefined)
    throw new InvalidArgumentError(`It must be ${TIERS.slice(0, -1).join(', ')} or T4.`);
  return tier;
}

/** The name of an agent: whether there is one the API knows, but an empty text is a mistake in what was typed. */
export function readAgent(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It must be the name of an agent, and is empty.');
}

/** The path of a folder: a variable that is empty in a script must not stand for the built-in policies. */
export function readFolder(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It must be a folder, and is empty.');
}

/** The path of a file to write. */
export function readFile(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It must be a file, and is empty.');
}

/** The id of a person or a text. */
export function readId(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It must be an id, and is empty.');
}

/** The number of an entry. */
export function readSeq(text: string): number {
  if (/^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new InvalidArgumentError('It must be the number of an entry, from 1 on.');
}

/** How many to list. */
export function readLimit(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST) return Number(text);
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST}.`);
}

/** How long a wrapping token lasts, in seconds: from a second to an hour, as policies have it. */
export function readWrapTtl(text: string): number {
  const [, count = '', unit = ''] = /^([1-9]\d{0,3})([smh])$/.exec(text) ?? [];
  const seconds = Number(count) * ({ s: 1, m: 60, h: 3_600 }[unit] ?? 0);
  if (seconds >= 1 && seconds <= 3_600) return seconds;
  throw new InvalidArgumentError('It must be a duration from 1s to 1h, such as 5m.');
}

/** Types of entry: `AGENT_PROMOTED` or `agent-promoted`, separated by commas. The API knows which there are. */
export function readTypes(text: string): readonly LedgerEntryType[] {
  const types = text.split(',').map((type) => type.trim().toUpperCase().replaceAll('-', '_'));
  const unknown = types.find((type) => !Object.hasOwn(ENTRY_TYPES, type));
  if (unknown === undefined) return types as LedgerEntryType[];
  const wrong =
    unknown === '' ? 'It must be types of entry' : `No entry is of the type ${printable(unknown)}`;
  throw new InvalidArgumentError(`${wrong}. Known: ${Object.keys(ENTRY_TYPES).join(', ')}.`);
}

const ENTRY_TYPES: Readonly<Record<LedgerEntryType, true>> = {
  AGENT_BECAME_ELIGIBLE: true,
  AGENT_IMPORTED: true,
  AGENT_PROMOTED: true,
  AGENT_REGISTERED: true,
  AGENT_REINSTATED: true,
  AGENT_REVOKED: true,
  AGENT_UPDATED: true,
  APPROVAL_RECORDED: true,
  CLOCK_ACCEPTED: true,
  COMMAND_REFUSED: true,
  ELIGIBILITY_LOST: true,
  POLICY_ADOPTED: true,
  PROMOTION_DENIED: true,
  RUN_RECORDED: true,
  TEXT_ERASED: true,
  VAULT_CONFIRMED: true,
  VAULT_DRIFTED: true,
  VAULT_FAILED: true,
  VIOLATION_REPORTED: true,
};

/** The variables of a document. */
export function readVariables(text: string): Readonly<Record<string, unknown>> {
  try {
    const variables: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    if (typeof variables === 'object' && variables !== null && !Array.isArray(variables))
      return variables as Readonly<Record<string, unknown>>;
  } catch {
    // Not JSON: refused below.
  }
  throw new InvalidArgumentError('It must be a JSON object, such as {"agentId":"payments-planner"}.');
}
