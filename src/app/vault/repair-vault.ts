import { mapConcurrently } from '../map-concurrently.ts';
import {
  isSamePrivilege,
  vaultStep,
  wantedPrivilege,
  type HeldPrivilege,
  type VaultStep,
} from '../../governance/vault/vault-plan.ts';
import type { Tier } from '../../governance/tier.ts';
import type { Compared, Lease } from '../followers/follower.ts';
import { OutletClosedError, OvertakenError } from '../ports/outlet-errors.ts';
import type { Asking, FollowerStore } from '../ports/deliveries.ts';
import type { App } from '../app.ts';
import type { AgentRecord } from '../ports/agents.ts';
import type { WriteTransaction } from '../ports/store.ts';
import type { VaultRecord } from '../ports/vault-records.ts';
import { isOfThisLedger } from './other-ledger.ts';
import type { Vault, VaultEntity, VaultSurvey } from '../ports/vault.ts';
import { PRIVILEGE_ENTRIES } from './privilege-entries.ts';
import { VaultError } from '../ports/vault-error.ts';
import { A_SECOND, AT_ONCE_FIRST, type VaultSweep } from './vault-sweep.ts';
import { isVaultOutage } from './vault-outage.ts';
import { VAULT_PRINCIPAL } from './vault-principal.ts';

const PAGE = 200;
/** What calls are made for that are for no agent. */
const ALL = '';
/** How many agents that only Vault knows, or that were written for another ledger, are told. */
const MOST_TOLD = 100;

/** How to ask Vault, and for whom. */
export interface VaultRepair {
  readonly lease: Lease;
  readonly store: Pick<FollowerStore, 'entries'>;
  readonly sweep: VaultSweep;
  readonly call: <T>(key: string, work: (vault: Vault) => Promise<T>) => Promise<T>;
  /** Waits for so many milliseconds. */
  readonly pause: (ms: number) => Promise<unknown>;
}

interface Reading extends VaultRepair {
  readonly entity: (agentId: string) => Promise<VaultEntity | null>;
}

/** An agent whose entity is not what the ledger wants, as both were when they were read. */
interface Difference {
  readonly agent: AgentRecord;
  readonly record: VaultRecord;
  readonly entity: VaultEntity | null;
  readonly step: Exclude<VaultStep, 'NONE'> | 'CONFIRM' | 'READ' | 'MISPLACED';
  /** Whether it was written for another ledger. */
  readonly isOthers: boolean;
}

/**
 * Compares the entities of as many agents as a round of the sweep takes with the ledger, and asks for what is to be repaired;
 * what is on its way anyway is left alone. One that can't be read is left to a delivery of its own, which tells why and tries
 * again, so that it holds up no other. The first round goes on to all agents if it finds one that was written for another ledger.
 * @throws VaultError, OutletClosedError, TimedOutError, OvertakenError
 */
export async function repairVault(app: App, comparison: VaultRepair): Promise<Compared> {
  const { sweep } = comparison;
  // It takes all entities of Vault to tell who is unknown, and none but an agent's own to repair it.
  const survey = await comparison.call(ALL, (vault) => vault.survey()).catch(told);
  const unknown = new Set(survey instanceof VaultError ? [] : survey.agents);
  const tiers = await tiersOf(app);
  for (const agentId of tiers.keys()) unknown.delete(agentId);
  const due = sweep.next(tiers);
  const reading = { ...comparison, entity: readerOf(survey, comparison) };
  const others = await repairAgents(app, due, reading);
  if (sweep.isFirst && others.length > 0) {
    const already = new Set(due);
    const rest = [...tiers.keys()].filter((agentId) => !already.has(agentId));
    others.push(...(await repairAgents(app, rest, reading)));
  }
  await capTokens(
    due.filter((agentId) => tiers.get(agentId) === 'T4'),
    comparison,
  );
  if (survey instanceof VaultError) throw survey;
  sweep.ended();
  return { unknown: [...unknown].sort().slice(0, MOST_TOLD), others: others.sort().slice(0, MOST_TOLD) };
}

/** Compares some agents, and asks for what is to be repaired; those that were written for another ledger. */
async function repairAgents(app: App, due: readonly string[], reading: Reading): Promise<string[]> {
  const { sweep, lease, pause } = reading;
  const others: string[] = [];
  for (let first = 0; first < due.length; first += A_SECOND) {
    // The first round is waited for, and what a round begins with may do most.
    if (!sweep.isFirst && first >= AT_ONCE_FIRST) await pause(1_000);
    lease.assertHeld();
    const names = due.slice(first, first + A_SECOND);
    const agents = [...(await app.store.reader.agents(names)).values()];
    // Who is not in the survey is asked for, too: it may be older than the entity.
    const { found, ended } = await differences(app, agents, reading);
    if (found.length > 0) await askForRepair(app, found, lease);
    if (ended !== null) throw ended;
    for (const { agent, isOthers } of found) if (isOthers) others.push(agent.state.agentId);
    if (others.length > 0) sweep.foundOthers();
  }
  return others;
}

/** Reads an entity by what the survey told, or by all that leads to it where there is none. */
function readerOf(survey: VaultSurvey | VaultError, { call }: VaultRepair): Reading['entity'] {
  return (agentId) =>
    call(agentId, (vault) => (survey instanceof VaultError ? vault : survey).entity(agentId));
}

async function tiersOf(app: App): Promise<ReadonlyMap<string, Tier>> {
  const tiers = new Map<string, Tier>();
  for (let after = ''; ;) {
    const agents = await app.store.reader.agentsAfter(after, PAGE);
    for (const { state } of agents) tiers.set(state.agentId, state.tier);
    const last = agents.at(-1);
    if (last === undefined || agents.length < PAGE) return tiers;
    after = last.state.agentId;
  }
}

function told(error: unknown): VaultError {
  if (error instanceof VaultError) return error;
  throw error;
}

/**
 * Puts right how long tokens live at T4, after all that matters more: no token gives a tier by itself, and so the ledger is
 * told nothing. What fails waits for the next comparison; one agent that is refused holds up no other.
 * @throws OvertakenError
 */
async function capTokens(agentIds: readonly string[], { lease, call }: VaultRepair): Promise<void> {
  for (const agentId of agentIds) {
    lease.assertHeld();
    const error: unknown = await call(agentId, (vault) => vault.capTokens(agentId)).catch(
      (thrown: unknown) => thrown,
    );
    const isRefused = error instanceof VaultError && !isVaultOutage(error);
    if (error !== undefined && !isRefused) return;
  }
}

/** If the breaker ends it, what was found before is asked for all the same: so each comparison comes further than the last. */
async function differences(
  app: App,
  agents: readonly AgentRecord[],
  { entity: read, store }: Reading,
): Promise<{ readonly found: readonly Difference[]; readonly ended: OutletClosedError | null }> {
  const records = await app.store.reader.vaultRecords(agents.map(({ state }) => state.agentId));
  let ended: OutletClosedError | null = null;
  const waiting = agents.flatMap((agent) => {
    const record = records.get(agent.state.agentId);
    return record === undefined || isOnItsWay(record) ? [] : [{ agent, record }];
  });
  const compared = async ({ agent, record }: (typeof waiting)[number]): Promise<Difference | null> => {
    const entity = await read(agent.state.agentId).catch(unreadable);
    if (entity instanceof OutletClosedError) {
      ended = entity;
      return null;
    }
    const held = entity === 'UNREADABLE' ? null : entity;
    const isOthers = held !== null && !isKnown(agent, record, held) && !(await isOfThisLedger(store, held));
    const needed = entity === 'UNREADABLE' ? 'READ' : stepOf(agent, record, entity);
    const step = needed === null && isOthers ? 'CONFIRM' : needed;
    // A dead letter is left to people, unless Vault gives more than the ledger.
    const isDue = step === 'LOWER' || (step !== null && record.pending === null);
    return isDue ? { agent, record, entity: held, step, isOthers } : null;
  };
  const found = await mapConcurrently(waiting, compared, { isEnded: () => ended !== null });
  return { found: found.filter((difference) => difference !== null), ended };
}

function unreadable(error: unknown): OutletClosedError | 'UNREADABLE' {
  return error instanceof OutletClosedError ? error : 'UNREADABLE';
}

function isOnItsWay(record: VaultRecord | undefined): boolean {
  return record?.pending?.dead === false;
}

/** Whether the ledger says by itself that it wrote an entity: that saves looking its entry up. */
function isKnown(
  { state }: AgentRecord,
  { confirmed, last }: VaultRecord,
  { position }: VaultEntity,
): boolean {
  return [confirmed?.payload.position, last?.payload.position, state.lastTierChangeSeq].includes(
    position ?? -1,
  );
}

/** Null: everything is as it is to be, and the ledger knows. */
function stepOf(
  { state }: AgentRecord,
  { last }: VaultRecord,
  entity: HeldPrivilege | null,
): Difference['step'] | null {
  const wanted = wantedPrivilege(state);
  const step = vaultStep(wanted, entity);
  if (step !== 'NONE') return step;
  if (entity?.misplaced != null) return 'MISPLACED';
  return last?.type === 'VAULT_CONFIRMED' && isSamePrivilege(last.payload, wanted) ? null : 'CONFIRM';
}

/** What changed since it was read is left to the entry that changed it, or to the next comparison. */
async function askForRepair(app: App, found: readonly Difference[], lease: Lease): Promise<void> {
  await app.store.write(async (tx) => {
    if (!(await tx.deliveries.holds('vault', lease.holder, app.clock.now()))) throw new OvertakenError();
    const names = found.map(({ agent }) => agent.state.agentId);
    const [agents, records] = [await tx.agents(names), await tx.vaultRecords(names)];
    const unread = await tx.deliveries.unread('vault', PRIVILEGE_ENTRIES, names);
    const actor = await tx.actorKey(VAULT_PRINCIPAL);
    const still = found.filter(({ agent, record }) => {
      const now = agents.get(agent.state.agentId);
      const told = records.get(agent.state.agentId);
      return (
        now !== undefined &&
        isSamePrivilege(wantedPrivilege(now.state), wantedPrivilege(agent.state)) &&
        !unread.has(agent.state.agentId) &&
        !isOnItsWay(told) &&
        told?.last?.seq === record.last?.seq
      );
    });
    const asking = still.map((difference) => askFor(tx, difference, actor));
    await tx.deliveries.ask('vault', asking, app.clock.now());
  });
  app.doorbell.ring();
}

/** An agent drifts from what was confirmed; what never was is only late. */
function askFor(tx: WriteTransaction, { agent, record, entity, step }: Difference, actor: string): Asking {
  const { agentId, lastTierChangeSeq } = agent.state;
  const wanted = wantedPrivilege(agent.state);
  const position = record.confirmed?.payload.position ?? lastTierChangeSeq;
  if (record.last?.type === 'VAULT_CONFIRMED' && step !== 'CONFIRM' && step !== 'READ') {
    const found = entity === null ? null : { tier: entity.tier, disabled: entity.disabled };
    const payload = { ...wanted, position, found };
    tx.append({ type: 'VAULT_DRIFTED', at: tx.now, agentId, actor, payload });
  }
  const entrySeq = Math.max(position, record.pending?.entrySeq ?? 0);
  return { key: agentId, agentId, entrySeq, decidedAt: tx.now, urgent: step === 'LOWER' };
}
