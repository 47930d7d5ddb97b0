import { EligibleDocument, type EligibleQuery } from '../../../generated/graphql/cli.ts';
import type { Api } from '../../api/api.ts';
import { ask } from '../../api/ask.ts';
import type { Cli } from '../../cli.ts';
import type { ExitCode } from '../../cli-error.ts';
import { withApi, type ApiOptions } from '../../api/open-api.ts';
import { statusCell } from '../../output/show-evaluation.ts';
import { table, type Cell } from '../../output/table.ts';
import type { Terminal } from '../../output/terminal.ts';
import { exactTime, relativeTime } from '../../output/times.ts';

type EligiblePage = EligibleQuery['eligibleAgents'];
type EligibleAgent = EligiblePage['nodes'][number];

/** Lists the agents that have earned the next tier, longest waiting first. */
export async function eligible({ terminal, ...cli }: Cli, options: ApiOptions): Promise<ExitCode> {
  return withApi({ terminal, ...cli }, options, async (api) => {
    const agents = await eligibleAgents(api);
    terminal.printJson({ totalCount: agents.length, agents });
    terminal.print(...linesOf(terminal.colors, agents, api.now()));
    return 0;
  });
}

/** Every eligible agent, page by page. */
export async function eligibleAgents(api: Api): Promise<readonly EligibleAgent[]> {
  const agents: EligibleAgent[] = [];
  let after: string | null = null;
  for (;;) {
    const { nodes, pageInfo }: EligiblePage = (await ask(api, EligibleDocument, { after })).eligibleAgents;
    agents.push(...nodes);
    if (!pageInfo.hasNextPage) return agents;
    after = pageInfo.endCursor;
  }
}

function linesOf(
  colors: Terminal['colors'],
  agents: readonly EligibleAgent[],
  now: number | null,
): readonly string[] {
  if (agents.length === 0) return ['No agent is waiting for a promotion.'];
  const head = ['AGENT', 'STEP', 'STATUS', 'WAITING', '', 'OWNER', 'YOU'];
  const rows = agents.map((agent): Cell[] => [
    { text: agent.agentId, paint: colors.bold },
    `${agent.tier} → ${agent.evaluation.targetTier}`,
    statusCell(colors, agent.evaluation.status),
    agent.eligibleSince === null || now === null ? '' : relativeTime(agent.eligibleSince, now),
    { text: agent.eligibleSince === null ? '' : exactTime(agent.eligibleSince), paint: colors.dim },
    agent.owner ?? '–',
    agent.viewerCanPromote ? { text: 'can approve', paint: colors.green } : '–',
  ]);
  return table([head.map((text): Cell => ({ text, paint: colors.dim })), ...rows]);
}
