import type { EvaluationFieldsFragment, EvaluateQuery } from '../../generated/graphql/cli.ts';
import { printable } from './printable.ts';
import { table, type Cell } from './table.ts';
import type { Terminal } from './terminal.ts';
import { bothTimes } from './times.ts';

/** An agent as it was asked for, with its evaluation. */
export type EvaluatedAgent = NonNullable<EvaluateQuery['agent']>;

type Colors = Terminal['colors'];

/** A status in its colour: what waits for people stands out. */
export function statusCell(colors: Colors, status: EvaluationFieldsFragment['status']): Cell {
  const paints = {
    ELIGIBLE: colors.green,
    PENDING_REVIEW: colors.yellow,
    NOT_ELIGIBLE: colors.dim,
    DENIED: colors.red,
  };
  return { text: status, paint: paints[status] };
}

/** An agent's evaluation for people: where it stands, each requirement, and what to do next. */
export function showEvaluation(colors: Colors, agent: EvaluatedAgent): readonly string[] {
  const { evaluation, counters } = agent;
  const now = Date.parse(evaluation.evaluatedAt);
  const status = statusCell(colors, evaluation.status);
  const step =
    evaluation.step === null
      ? evaluation.currentTier
      : `${evaluation.currentTier} → ${evaluation.targetTier}`;
  return [
    `${colors.bold(agent.agentId)}  ${step}  ${typeof status === 'string' ? status : status.paint(status.text)}`,
    colors.dim(
      [
        agent.owner === null ? 'no owner' : `owner ${printable(agent.owner)}`,
        `at ${agent.tier} since ${bothTimes(agent.tierSince, now)}`,
        `${counters.totalRuns} ${counters.totalRuns === 1 ? 'run' : 'runs'}, ${counters.compliantRuns} compliant, ${counters.consecutiveCompliantRuns} in a row`,
      ].join(' · '),
    ),
    '',
    ...requirementLines(colors, evaluation),
    ...evaluation.blockers.map((blocker) => `  ${colors.red('!')} ${blocker.message}`),
    '',
    evaluation.recommendation,
    ...detailLines(colors, agent, now),
  ];
}

function requirementLines(colors: Colors, { requirements }: EvaluationFieldsFragment): readonly string[] {
  const rows = requirements.map(({ met, message, actual, required, bound }) => [
    met ? { text: '  ✓', paint: colors.green } : { text: '  ✗', paint: colors.red },
    message,
    {
      text: bound === 'AT_MOST' ? `${actual}, at most ${required}` : `${actual} of ${required}`,
      paint: colors.dim,
    },
  ]);
  return table(rows);
}

function detailLines(
  colors: Colors,
  { evaluation, candidacy }: EvaluatedAgent,
  now: number,
): readonly string[] {
  const { changesAt, eligibleAt, status } = evaluation;
  const dim = (text: string): Cell => ({ text, paint: colors.dim });
  const waits = (status === 'NOT_ELIGIBLE' || status === 'DENIED') && eligibleAt !== null;
  return table([
    ...(candidacy === null ? [] : [[dim('waiting'), `since ${bothTimes(candidacy.openedAt, now)}`]]),
    ...(candidacy?.approvals ?? []).map(({ principal, role, at }) => [
      dim('approved'),
      `by ${principal.id} as ${role.toLowerCase()} ${bothTimes(at, now)}`,
    ]),
    ...(candidacy === null ? [] : [[dim('needs'), needsText(candidacy.needs)]]),
    ...(waits ? [[dim('eligible'), `${bothTimes(eligibleAt, now)}, if nothing else happens`]] : []),
    ...(changesAt === null
      ? []
      : [[dim('changes'), `${bothTimes(changesAt, now)}, if nothing else happens`]]),
    [dim('evidence'), dim(evaluation.evidence)],
  ]);
}

/** `1 reviewer and 1 admin`, or `nothing more`. */
export function needsText(needs: readonly { readonly role: string; readonly count: number }[]): string {
  if (needs.length === 0) return 'nothing more';
  return needs.map(({ role, count }) => `${count} ${role.toLowerCase()}`).join(' and ');
}
