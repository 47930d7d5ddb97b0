import { execute, parse } from 'graphql';
import type { Engine } from '../src/compose/engine.ts';
import { principal } from './fleet/open-fleet.ts';

/** An agent as the list shows it. */
export interface ListedAgent {
  readonly agentId: string;
  readonly tier: string;
}

interface Answer {
  readonly eligibleAgents: {
    readonly nodes: readonly ListedAgent[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

const DOCUMENT = parse(`query ($first: Int!, $after: String) {
  eligibleAgents(first: $first, after: $after) {
    nodes { agentId tier eligibleSince }
    pageInfo { hasNextPage endCursor }
  }
}`);
const VIEWER = principal('viewer', 'VIEWER');

/** Gives a page of the eligible agents through the API in process, as the server does for a document it knows. */
export async function eligiblePage(engine: Engine, first: number, after: string | null = null) {
  const contextValue = await engine.contextFor(VIEWER);
  const variableValues = { first, after };
  const { schema } = engine;
  const { data, errors } = await execute({ schema, document: DOCUMENT, contextValue, variableValues });
  if (errors !== undefined || data == null) throw new AggregateError(errors ?? [], errors?.[0]?.message);
  return (data as unknown as Answer).eligibleAgents;
}

/** All of them, page by page. */
export async function allEligible(engine: Engine): Promise<readonly ListedAgent[]> {
  const found: ListedAgent[] = [];
  let after: string | null = null;
  do {
    const { nodes, pageInfo } = await eligiblePage(engine, 100, after);
    found.push(...nodes);
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  return found;
}
