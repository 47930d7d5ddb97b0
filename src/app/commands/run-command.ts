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
  /** The agent that the command is about; null if it is about several. */
  readonly agentId: string | null;
  /** The free text that the caller gave, which the entry of a refusal keeps. */
  readonly rationale: string | null;
  /** The agents that an outcome shows: only a caller who still sees them reads it again. */
  readonly agentsOf: (outcome: Outcome) => readonly string[];
  /** Whether it may share a transaction with others. */
  readonly grouped?: boolean;
}

/** The result of a command that was not refused. Only an effect spends its idempotency key. */
export interface CommandResult<Outcome> {
  readonly outcome: Outcome;
  readonly effect: boolean;
  /** The codes of the parts that were refused, to be counted beside the command. */
  readonly refusedParts?: readonly ErrorCode[];
}

interface Refused {
  readonly refused: GovernanceError;
  readonly agentId: string | null;
  readonly rationale: string | null;
}

type Ended<Outcome> = CommandResult<Outcome> | Refused;

/** A refusal of a command, or of a part of it, to be recorded in the transaction that refused it. */
export interface Refusal extends Refused {
  readonly command: Command;
  readonly actor: string;
}

const NEVER_RECORDED = new Set(['VALIDATION', 'AGENT_NOT_FOUND', 'IDEMPOTENCY_CONFLICT']);

/**
 * Runs a command in one write transaction. A spent idempotency key re-reads its outcome. A refusal that `decide` throws becomes
 * an entry and is thrown again after the commit, since a throw out of the transaction would undo that entry.
 * @throws GovernanceError, ClockDoubtfulError, StorageBusyError, StorageUnavailableError
 */
export async function runCommand<Outcome>(
  app: App,
  call: CommandCall<Outcome>,
  decide: (tx: WriteTransaction, actor: string) => Promise<CommandResult<Outcome>>,
): Promise<Outcome> {
  const ended = await counted(app, call.command, () =>
    app.store.write(
      async (tx) => {
        const actor = await tx.actorKey(call.principal);
        const ended =
          (await outcomeOfKey(tx, call, actor)) ?? (await decided(tx, call, () => decide(tx, actor)));
        if ('refused' in ended) await recordRefusal(app, tx, { command: call.command, actor, ...ended });
        else if (ended.effect) spendKey(tx, call, actor, ended.outcome);
        return ended;
      },
      { grouped: call.grouped ?? false },
    ),
  );
  count(app, call.command, ended);
  app.doorbell.ring();
  if ('refused' in ended) throw ended.refused;
  return ended.outcome;
}

/** @throws ClockDoubtfulError, and what `decide` throws but a refusal */
async function decided<Outcome>(
  { doubt }: WriteTransaction,
  { command, agentId, rationale }: CommandCall<Outcome>,
  decide: () => Promise<CommandResult<Outcome>>,
): Promise<Ended<Outcome>> {
  if (doubt !== null && RAISING.has(command)) throw new ClockDoubtfulError(doubt);
  try {
    return await decide();
  } catch (error) {
    if (error instanceof GovernanceError) return { refused: error, agentId, rationale };
    throw error;
  }
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

function count<Outcome>({ meter }: App, command: Command, ended: Ended<Outcome>): void {
  meter.command(command, 'refused' in ended ? ended.refused.code : 'DONE');
  if ('refusedParts' in ended) for (const code of ended.refusedParts ?? []) meter.command(command, code);
}

async function outcomeOfKey<Outcome>(
  tx: WriteTransaction,
  call: CommandCall<Outcome>,
  actor: string,
): Promise<Ended<Outcome> | null> {
  if (call.idempotencyKey === null) return null;
  const spent = await tx.spentKey(actor, call.command, call.idempotencyKey);
  if (spent === null) return null;
  if (spent.inputDigest === inputDigest(call)) return readAgain(call, JSON.parse(spent.outcome) as Outcome);
  const refused = new IdempotencyConflictError(
    'This idempotencyKey was used with another input. Use a new key for a new command; the old one stays as it was.',
  );
  return { refused, agentId: null, rationale: null };
}

/** Reads an outcome again, unless the caller's sight was narrowed since. */
function readAgain<Outcome>(call: CommandCall<Outcome>, outcome: Outcome): Ended<Outcome> {
  for (const agentId of call.agentsOf(outcome)) {
    const refused = sightRefusalOf(call.principal, call.command, agentId);
    if (refused !== null) return { refused, agentId, rationale: null };
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

/** Appends a refusal by rule or right: at most one a minute per principal, agent and code; the rest is only counted. */
export async function recordRefusal(app: App, tx: WriteTransaction, refusal: Refusal): Promise<void> {
  const { command, actor, refused: error } = refusal;
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
