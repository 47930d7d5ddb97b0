import { HistoryDocument, type HistoryQuery } from '../../../generated/graphql/cli.ts';
import type { Api } from '../../api/api.ts';
import { ask } from '../../api/ask.ts';
import type { Cli } from '../../cli.ts';
import type { ExitCode } from '../../cli-error.ts';
import { withApi, type ApiOptions } from '../../api/open-api.ts';
import { table, type Cell } from '../../output/table.ts';
import type { Terminal } from '../../output/terminal.ts';
import { exactTime, relativeTime } from '../../output/times.ts';
import { agentNotFound } from './evaluate.ts';

type TierChange = HistoryQuery['promotionHistory']['nodes'][number];

const PAGE = 20;

/** Which tier changes to list. */
export interface HistoryOptions extends ApiOptions {
  readonly agentId?: string;
  readonly limit: number;
}

/** Lists tier changes, the newest record first. */
export async function history({ terminal, ...cli }: Cli, options: HistoryOptions): Promise<ExitCode> {
  return withApi({ terminal, ...cli }, options, async (api) => {
    const { totalCount, entries } = await tierChanges(api, options);
    terminal.printJson({ totalCount, entries });
    terminal.print(...linesOf(terminal.colors, entries, api.now()));
    if (totalCount > entries.length)
      terminal.print(terminal.colors.dim(`… and ${totalCount - entries.length} earlier ones`));
    return 0;
  });
}

/** Pages of few: what an answer may cost grows with what each entry may hold. */
async function tierChanges(api: Api, { agentId, limit }: HistoryOptions) {
  const name = agentId ?? '';
  const which = { agentId: agentId ?? null, name, one: agentId !== undefined };
  const entries: TierChange[] = [];
  let after: string | null = null;
  for (;;) {
    const first = Math.min(limit - entries.length, PAGE);
    const data: HistoryQuery = await ask(api, HistoryDocument, { ...which, first, after });
    if (data.agent === null) throw agentNotFound(name);
    const { nodes, pageInfo, totalCount } = data.promotionHistory;
    entries.push(...nodes);
    if (nodes.length < first || entries.length === limit) return { totalCount, entries };
    after = pageInfo.endCursor;
  }
}

function linesOf(
  colors: Terminal['colors'],
  entries: readonly TierChange[],
  now: number | null,
): readonly string[] {
  if (entries.length === 0) return ['No tier has changed yet.'];
  const head = ['WHEN', '', 'AGENT', 'CHANGE', '', 'BY', 'WHY'];
  const rows = entries.map((entry): Cell[] => [
    now === null ? '' : relativeTime(entry.at, now),
    { text: exactTime(entry.at), paint: colors.dim },
    { text: entry.agentId ?? '', paint: colors.bold },
    changeOf(entry),
    { text: kindOf(entry.type), paint: paintOf(colors, entry.type) },
    byOf(entry),
    whyOf(entry),
  ]);
  return table([head.map((text): Cell => ({ text, paint: colors.dim })), ...rows]);
}

function changeOf(entry: TierChange): string {
  if (!('toTier' in entry)) return '';
  if (entry.fromTier === entry.toTier) return `stays at ${entry.toTier}`;
  return entry.fromTier === null ? `begins at ${entry.toTier}` : `${entry.fromTier} → ${entry.toTier}`;
}

function paintOf(colors: Terminal['colors'], type: TierChange['type']) {
  if (type === 'AGENT_PROMOTED') return colors.green;
  return type === 'AGENT_REVOKED' ? colors.red : colors.dim;
}

/** What people said, or the rule that did it. */
function whyOf(entry: TierChange): string {
  if ('rationale' in entry) return entry.rationale ?? '';
  if (!('rule' in entry)) return '';
  const why = entry.rule === null ? (entry.reason ?? '') : `rule ${entry.rule}`;
  return entry.suspended ? `suspended: ${why}` : why;
}

function kindOf(type: TierChange['type']): string {
  return type.replace('AGENT_', '').toLowerCase();
}

/** Everybody who approved; whoever caused the entry where nobody had to. */
function byOf(entry: TierChange): string {
  const approvers = 'approvals' in entry ? entry.approvals.map(({ principal }) => principal.id) : [];
  return approvers.length === 0 ? entry.actor.id : approvers.join(', ');
}
