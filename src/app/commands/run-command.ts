import { sightRefusalOf, type Command } from '../../governance/principals/authority.ts';
import { RAISING } from '../../governance/command-refusal.ts';
import { digestOf } from '../../governance/ledger/digest.ts';
import type { TextReference } from '../../governance/ledger/entries.ts';
import { GovernanceError, IdempotencyConflictError, type ErrorCode } from '../../governance/errors.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import { sentDigest } from '../../governance/run.ts';
import { ClockDoubtfulError } from '../time/clock-doubtful-error.ts';
import type { App } from '../app.ts';
import type { WriteTransaction } from '../ports/store.ts';

/** A command as it arrived; `input` is what its idempotency key stands for. */
export interface CommandCall<Outcome> {
  readonly command: Command;
  readonly principal: Principal;
  readonly idempotencyKey: string | null;
  readonly input: unknown;
  /** The agents that an outcome shows: it is read again only by who still sees them. */
  readonly agentsOf: (outcome: Outcome) => readonly string[];
  /** Whether it may share a transaction with others. */
  readonly grouped?: boolean;
}

/** What a command came to. Only an effect spends its idempotency key. */
export type CommandResult<Outcome> =
  | {
      readonly outcome: Outcome;
      readonly effect: boolean;
      /** The codes of the parts that were refused, to be counted beside the command. */
      readonly refusedParts?: readonly ErrorCode[];
    }
  | {
      readonly refused: GovernanceError;
      readonly agentId: string | null;
      readonly rationale?: string | null;
    };

/** A refusal of part of a command, to be recorded in the transaction that refused it. */
export interface Refusal {
  readonly command: Command;
  readonly actor: string;
  readonly agentId: string | null;
  readonly error: GovernanceError;
  readonly rationale: string | null;
}

const NEVER_RECORDED = new Set(['VALIDATION', 'AGENT_NOT_FOUND', 'IDEMPOTENCY_CONFLICT']);

/**
 * Runs a command in one write transaction: a spent key re-reads its outcome, a refusal becomes an entry, and only after
 * the commit is it thrown: a throw inside the transaction would erase it.
 * @throws GovernanceError, ClockDoubtfulError, StorageBusyError, StorageUnavailableError
 */
export async function runCommand<Outcome>(
  app: App,
  call: CommandCall<Outcome>,
  decide: (tx: WriteTransaction, actor: string) => Promise<CommandResult<Outcome>>,
): Promise<Outcome> {
  const result = await counted(app, call.command, () =>
    app.store.write(
      async (tx) => {
        const actor = await tx.actorKey(call.principal);
        const spent = await outcomeOfKey<Outcome>(tx, call, actor);
        if (spent !== null) return spent;
        if (tx.doubt !== null && RAISING.has(call.command)) throw new ClockDoubtfulError(tx.doubt);
        const decided = await decide(tx, actor);
        if ('refused' in decided) await recordRefusal(app, tx, refusalOf(call, actor, decided));
        else if (decided.effect) spendKey(tx, call, actor, decided.outcome);
        return decided;
      },
      { grouped: call.grouped ?? false },
    ),
  );
  count(app, call.command, result);
  app.doorbell.ring();
  if ('refused' in result) throw result.refused;
  return result.outcome;
}

/**
 * Counts a command whose input is refused as a whole: it ends before anything could be decided.
 * @throws what the work throws
 */
export function countedInput<T>(app: App, command: Command, check: () => T): T {
  try {
    return check();
  } catch (error) {
    countFailure(app, command, error);
    throw error;
  }
}

async function counted<T>(app: App, command: Command, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    countFailure(app, command, error);
    throw error;
  }
}

function countFailure(app: App, command: Command, error: unknown): void {
  const { code } = error as { readonly code?: unknown };
  app.meter.command(command, typeof code === 'string' && error instanceof Error ? code : 'INTERNAL');
}

function count<Outcome>({ meter }: App, command: Command, result: CommandResult<Outcome>): void {
  meter.command(command, 'refused' in result ? result.refused.code : 'DONE');
  if ('refusedParts' in result) for (const code of result.refusedParts ?? []) meter.command(command, code);
}

async function outcomeOfKey<Outcome>(
  tx: WriteTransaction,
  call: CommandCall<Outcome>,
  actor: string,
): Promise<CommandResult<Outcome> | null> {
  if (call.idempotencyKey === null) return null;
  const spent = await tx.spentKey(actor, call.command, call.idempotencyKey);
  if (spent === null) return null;
  if (spent.inputDigest === inputDigest(call)) return readAgain(call, JSON.parse(spent.outcome) as Outcome);
  const refused = new IdempotencyConflictError(
    'This idempotencyKey was used with another input. Use a new key for a new command; the old one stays as it was.',
  );
  return { refused, agentId: null };
}

/** What the caller may see may have been narrowed since. */
function readAgain<Outcome>(call: CommandCall<Outcome>, outcome: Outcome): CommandResult<Outcome> {
  for (const agentId of call.agentsOf(outcome)) {
    const refused = sightRefusalOf(call.principal, call.command, agentId);
    if (refused !== null) return { refused, agentId };
  }
  return { outcome, effect: false };
}

function spendKey<Outcome>(
  tx: WriteTransaction,
  call: CommandCall<Outcome>,
  actor: string,
  outcome: Outcome,
): void {
  if (call.idempotencyKey === null) return;
  tx.insert('idempotencyKeys', {
    principalKey: actor,
    mutation: call.command,
    key: call.idempotencyKey,
    inputDigest: inputDigest(call),
    outcome: JSON.stringify(outcome),
    createdAt: tx.now,
  });
}

/** Nobody has checked the input of a batch yet, and half a surrogate pair has no canonical text: strings stand escaped. */
function inputDigest({ input }: { readonly input: unknown }): string {
  const escaped = (_key: string, value: unknown) =>
    typeof value === 'string' ? JSON.stringify(value) : value;
  return digestOf(JSON.parse(JSON.stringify(input, escaped)));
}

function refusalOf(
  { command }: { readonly command: Command },
  actor: string,
  decided: {
    readonly refused: GovernanceError;
    readonly agentId: string | null;
    readonly rationale?: string | null;
  },
): Refusal {
  return {
    command,
    actor,
    agentId: decided.agentId,
    error: decided.refused,
    rationale: decided.rationale ?? null,
  };
}

/** Appends a refusal by rule or right: at most one a minute per principal, agent and code; the rest is only counted. */
export async function recordRefusal(app: App, tx: WriteTransaction, refusal: Refusal): Promise<void> {
  const { command, actor, error } = refusal;
  if (NEVER_RECORDED.has(error.code)) return;
  await tx.flush();
  const known = refusal.agentId !== null && (await tx.agents([refusal.agentId])).has(refusal.agentId);
  const agentId = known ? refusal.agentId : null;
  if (!(await tx.admitsRefusal(actor, agentId, error.code))) return;
  const rationale = keepRationale(app, tx, refusal.rationale);
  const payload = { command, code: error.code, message: error.message, rationale };
  tx.append({ type: 'COMMAND_REFUSED', at: tx.now, agentId, actor, payload });
}

/** Keeps a free text out of the chain and gives what the chain holds of it. */
export function keepText(app: App, tx: WriteTransaction, body: string): TextReference {
  const salt = app.ids.next();
  const text = { id: app.ids.next(), digest: sentDigest(salt, body), salt, body };
  tx.insert('texts', text);
  return { id: text.id, digest: text.digest };
}

/** Keeps a rationale like any free text; a blank one says nothing. */
export function keepRationale(
  app: App,
  tx: WriteTransaction,
  rationale: string | null,
): TextReference | null {
  return rationale === null || rationale.trim() === '' ? null : keepText(app, tx, rationale);
}

/** Turns a refusal that a rule throws into a result. */
export async function refusing<Outcome>(
  agentId: string | null,
  decide: () => Promise<CommandResult<Outcome>>,
): Promise<CommandResult<Outcome>> {
  try {
    return await decide();
  } catch (error) {
    if (error instanceof GovernanceError) return { refused: error, agentId };
    throw error;
  }
}
