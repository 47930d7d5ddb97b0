import DataLoader from 'dataloader';
import { evaluateAgents } from '../app/standing/evaluate-agents.ts';
import type { App } from '../app/app.ts';
import type { AgentRecord } from '../app/ports/agents.ts';
import { promotionCases } from '../app/commands/promotion-case.ts';
import { factsOf } from '../app/standing/reevaluate.ts';
import type { CommandCase } from '../governance/command-refusal.ts';
import { AgentNotFoundError } from '../governance/errors.ts';
import type { Evaluation } from '../governance/evaluation.ts';
import type { Policy } from '../governance/policy.ts';
import type { Principal } from '../governance/principals/principal.ts';
import { vaultState, type VaultState } from '../governance/vault/vault-state.ts';
import type { Action, Principal as PrincipalRow, PrismaClient } from '../generated/prisma/client.ts';
import type { Budget } from './budget.ts';
import { PRICES, SIZES } from './prices.ts';
import { activities, type Activity, type ActivityAsked } from './activities.ts';

/** An agent at an instant. */
export interface AgentAt {
  readonly agentId: string;
  /** UTC milliseconds; null is the present, whatever has been recorded since the operation began. */
  readonly asOf: number | null;
}

/** Reads that many nodes of one answer ask for, gathered into one statement each. */
export interface Loaders {
  readonly agent: DataLoader<string, AgentRecord | null>;
  readonly evaluation: DataLoader<AgentAt, Evaluation, string>;
  /** What the caller's commands about an agent would be decided on now. */
  readonly commandCase: DataLoader<string, CommandCase>;
  readonly policy: DataLoader<string, Policy | null>;
  /** The actions of a run, in order, by its `seq`. */
  readonly actions: DataLoader<bigint, readonly Action[]>;
  /** Who an opaque key stands for. */
  readonly principal: DataLoader<string, PrincipalRow>;
  /** A free text by its id; null once it is erased. */
  readonly text: DataLoader<string, string | null>;
  readonly activity: DataLoader<ActivityAsked, Activity, string>;
  readonly vault: DataLoader<string, VaultState>;
}

interface Operation {
  readonly principal: Principal;
  readonly policy: Policy;
  readonly now: number;
  readonly prisma: PrismaClient;
  readonly hasVault: boolean;
  readonly budget: Budget;
}

/** Prisma takes no more than some 1,000 parameters a statement on SQLite. */
const BATCH = { maxBatchSize: 500 };

/** Fresh loaders for one operation. */
export function createLoaders(app: App, operation: Operation): Loaders {
  const { reader } = app.store;
  const { policy, now, prisma, hasVault, budget } = operation;
  const agent = new DataLoader(async (agentIds: readonly string[]) => {
    const found = await reader.agents(agentIds);
    return agentIds.map((agentId) => found.get(agentId) ?? null);
  });
  const records = async (agentIds: readonly string[]) =>
    (await agent.loadMany(agentIds)).map((found, index) => {
      if (found === null) throw new AgentNotFoundError(agentIds[index] ?? '');
      if (found instanceof Error) throw found;
      return found;
    });
  return {
    agent,
    evaluation: new DataLoader(
      (asked: readonly AgentAt[]) => evaluations(app, { policy, now, asked, records }),
      {
        cacheKeyFn: ({ agentId, asOf }) => `${String(asOf)} ${agentId}`,
      },
    ),
    commandCase: new DataLoader(async (agentIds: readonly string[]) =>
      commandCases(app, operation, await records(agentIds)),
    ),
    policy: new DataLoader((digests: readonly string[]) =>
      Promise.all(digests.map((digest) => reader.policy(digest))),
    ),
    actions: new DataLoader((runs: readonly bigint[]) => actionsOf(prisma, budget, runs), BATCH),
    principal: new DataLoader((keys: readonly string[]) => principals(prisma, keys), BATCH),
    text: new DataLoader((ids: readonly string[]) => texts(prisma, ids), BATCH),
    activity: new DataLoader((asked: readonly ActivityAsked[]) => activities(prisma, budget, asked), {
      ...BATCH,
      cacheKeyFn: ({ agentId, since, asOf }) => `${since} ${asOf} ${agentId}`,
    }),
    vault: new DataLoader(async (agentIds: readonly string[]) => {
      const known = hasVault ? await reader.vaultRecords(agentIds) : null;
      const found = await records(agentIds);
      return found.map(({ state }) => vaultState(state, known?.get(state.agentId) ?? null));
    }),
  };
}

/** @throws GraphQLError LIMIT_EXCEEDED before more is read than there is a budget for */
async function actionsOf(prisma: PrismaClient, budget: Budget, runs: readonly bigint[]): Promise<Action[][]> {
  const count = await prisma.action.count({ where: { seq: { in: [...runs] } } });
  budget.reserve((count - runs.length * SIZES.actions) * PRICES.readAction, 'actions');
  const found = await prisma.action.findMany({
    where: { seq: { in: [...runs] } },
    orderBy: { position: 'asc' },
  });
  const byRun = new Map<bigint, Action[]>(runs.map((seq) => [seq, []]));
  for (const action of found) byRun.get(action.seq)?.push(action);
  return runs.map((seq) => byRun.get(seq) ?? []);
}

async function principals(prisma: PrismaClient, keys: readonly string[]): Promise<PrincipalRow[]> {
  const found = await prisma.principal.findMany({ where: { key: { in: [...keys] } } });
  const byKey = new Map(found.map((row) => [row.key, row]));
  return keys.map((key) => {
    const row = byKey.get(key);
    if (row === undefined) throw new Error(`The principal ${key} is missing.`);
    return row;
  });
}

async function texts(prisma: PrismaClient, ids: readonly string[]): Promise<(string | null)[]> {
  const found = await prisma.text.findMany({ where: { id: { in: [...ids] } } });
  const bodies = new Map(found.map(({ id, body }) => [id, body]));
  return ids.map((id) => bodies.get(id) ?? null);
}

async function evaluations(
  app: App,
  ask: {
    readonly policy: Policy;
    readonly now: number;
    readonly asked: readonly AgentAt[];
    readonly records: (agentIds: readonly string[]) => Promise<AgentRecord[]>;
  },
): Promise<Evaluation[]> {
  const answers = new Map<string, Evaluation>();
  for (const asOf of new Set(ask.asked.map((each) => each.asOf))) {
    const group = ask.asked.filter((each) => each.asOf === asOf);
    const agents = await ask.records(group.map((each) => each.agentId));
    const now = Math.max(ask.now, app.clock.now());
    const found = await evaluateAgents(app.store.reader, ask.policy, { agents, asOf: asOf ?? now, now });
    found.forEach((evaluation, index) =>
      answers.set(`${String(asOf)} ${group[index]?.agentId ?? ''}`, evaluation),
    );
  }
  return ask.asked
    .map(({ agentId, asOf }) => answers.get(`${String(asOf)} ${agentId}`))
    .filter((each) => each !== undefined);
}

async function commandCases(
  app: App,
  { principal, policy, now: began }: Operation,
  agents: readonly AgentRecord[],
): Promise<CommandCase[]> {
  const { reader } = app.store;
  const key = (await reader.knownKeys([principal.id])).get(principal.id) ?? null;
  // What an agent's row counts may have been recorded since the operation began: its facts must be as new.
  const now = Math.max(began, app.clock.now());
  const facts = await factsOf(reader, policy, agents, () => now);
  const bound = (agent: AgentRecord) => ({ tier: agent.state.tier, evidence: null });
  const cases = await promotionCases(reader, policy, { voter: { principal, key }, agents, facts, bound });
  return cases.map((promotion, index) => ({
    principal,
    promotion,
    suspended: agents[index]?.state.suspended ?? false,
  }));
}
