import { authorizedFetch, type Access } from './access.ts';
import { RefusedError, type WireError } from './refusals.ts';

/** An agent that has earned the next tier, as the list shows it. */
export interface WaitingAgent {
  readonly id: string;
  readonly agentId: string;
  readonly tier: string;
  /** Null once its claim has ended. */
  readonly eligibleSince: string | null;
  /** Lists leave out who is retired. */
  readonly retiredAt: string | null;
  readonly evaluation: { readonly status: string; readonly targetTier: string };
}

/** Who waits, and where the ledger stood when that was so. */
export interface Waiting {
  readonly cursor: string;
  readonly eligibleAgents: { readonly nodes: readonly WaitingAgent[] };
}

/** That an agent became eligible. */
export interface EligibilityEvent {
  readonly cursor: string;
  readonly at: string;
  readonly agent: { readonly id: string; readonly agentId: string };
  readonly evaluation: { readonly status: string; readonly targetTier: string };
}

/** That an agent's claim began or ended, or that it retired or came back, with the agent as it is now. */
export interface ClaimEvent {
  readonly cursor: string;
  readonly entry: { readonly type: string; readonly agentId: string; readonly agent: WaitingAgent };
}

/** What a subscription begins after. */
export interface After {
  readonly [name: string]: unknown;
  readonly after: string;
}

const PAGE = 100;

/** What the list shows of an agent, and so what an event must bring for it. */
const WAITING_AGENT = `
  fragment WaitingAgent on Agent { id agentId tier eligibleSince retiredAt evaluation { status targetTier } }
`;

/** The list and its cursor in one answer: subscribe after that cursor, and nothing falls between the two. */
export const WAITING = `
  query Waiting {
    cursor
    eligibleAgents(first: ${PAGE.toString()}) { nodes { ...WaitingAgent } }
  }
  ${WAITING_AGENT}
`;

/** Who becomes eligible: for whoever wants to be told. */
export const AGENT_BECAME_ELIGIBLE = `
  subscription AgentBecameEligible($after: String!) {
    agentBecameEligible(after: $after) {
      cursor
      at
      agent { id agentId }
      evaluation { status targetTier }
    }
  }
`;

/**
 * Whose claim begins and whose ends, and who retires or comes back, in the order of the ledger: for whoever keeps a list. Two subscriptions, one for each,
 * would arrive in no order between them, and a list could end up with an agent that has left it.
 */
export const CLAIM_CHANGED = `
  subscription ClaimChanged($after: String!) {
    ledgerAppended(
      after: $after
      filter: { types: [AGENT_BECAME_ELIGIBLE, ELIGIBILITY_LOST, PROMOTION_DENIED, AGENT_PROMOTED, AGENT_UPDATED] }
    ) {
      cursor
      entry { type agentId agent { ...WaitingAgent } }
    }
  }
  ${WAITING_AGENT}
`;

/**
 * The list after an event: the agent stands where its present state puts it, so a repetition would change nothing. Where more
 * wait than fit the page, the place of one who leaves stays empty until the next query.
 */
export function patched<List extends Waiting>(list: List, { cursor, entry: { agent } }: ClaimEvent): List {
  const others = list.eligibleAgents.nodes.filter(({ id }) => id !== agent.id);
  const waits = agent.eligibleSince !== null && agent.retiredAt === null;
  const all = waits ? [...others, agent].sort(longestWaitingFirst) : others;
  return { ...list, cursor, eligibleAgents: { ...list.eligibleAgents, nodes: all.slice(0, PAGE) } };
}

function longestWaitingFirst(one: WaitingAgent, other: WaitingAgent): number {
  return placeOf(one) < placeOf(other) ? -1 : 1;
}

/** Instants of the API are all as long as each other, and no name has a space. */
function placeOf({ eligibleSince, agentId }: WaitingAgent): string {
  return `${eligibleSince ?? ''} ${agentId}`;
}

/**
 * Asks for the list by nothing but `fetch`.
 * @throws RefusedError
 */
export async function queryWaiting(access: Access): Promise<Waiting> {
  const response = await authorizedFetch(access)(access.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: WAITING }),
  });
  const { data, errors } = (await response.json()) as { data?: Waiting; errors?: readonly WireError[] };
  if (data === undefined) throw new RefusedError(errors ?? []);
  return data;
}

/** Prints the list. */
export function printWaiting(agents: readonly WaitingAgent[]): void {
  console.log(agents.length === 0 ? 'Nobody waits.' : 'Longest waiting first:');
  for (const { agentId, eligibleSince, evaluation } of agents)
    console.log(
      `  ${agentId}  ${evaluation.status} for ${evaluation.targetTier} since ${eligibleSince ?? ''}`,
    );
}

/** Prints an event. */
export function printEligible({ at, agent, evaluation }: EligibilityEvent): void {
  console.log(`${at}  ${agent.agentId} has earned ${evaluation.targetTier}: ${evaluation.status}`);
}
