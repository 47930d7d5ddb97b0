import { clear, rowProblem, shown, type ImportProblem, type Judged } from './imported-problem.ts';
import type { OriginalRows, OriginalValue } from './imported-rows.ts';
import { importedTime, timeProblem } from './imported-time.ts';
import { DECISIONS, type Action, type Decision } from '../run.ts';

type Row = Omit<OriginalRows['agent_actions'], 'named'>;

const LONGEST_TYPE = 100;
const decisions = new Map<string, Decision>(DECISIONS.map((decision) => [decision, decision]));

/** An action, or null if it is left out: one without a type or a time proves nothing. */
export function importedAction(row: Row, notAfter: number): Judged<Action | null> {
  const problem = typeProblem(row.action);
  if (problem !== null) return leftOut(row, { kind: 'ACTION_TYPE_INVALID', message: problem });
  const occurredAt = importedTime(row.timestamp, notAfter);
  if (occurredAt === null)
    return leftOut(row, { kind: 'TIME_UNREADABLE', message: timeProblem(row.timestamp, notAfter) });
  return clear({
    type: String(row.action),
    decision: decisionOf(row.decision),
    success: isTrue(row.success),
    occurredAt,
  });
}

function leftOut(row: Row, problem: Pick<ImportProblem, 'kind' | 'message'>): Judged<null> {
  const message = `${problem.message}; the action is left out.`;
  return { fact: null, problems: [rowProblem('agent_actions', row, { ...problem, message })] };
}

function typeProblem(type: OriginalValue): string | null {
  if (typeof type !== 'string' || type.trim() === '')
    return `The action type ${shown(type)} is empty or no text`;
  if (type.length > LONGEST_TYPE)
    return `The action type ${shown(type)} is longer than ${LONGEST_TYPE} characters`;
  return type.includes('\0') ? `The action type ${shown(type)} holds a NUL` : null;
}

/** Case does not matter; what the original engine did not know either is OTHER. */
function decisionOf(value: OriginalValue): Decision {
  return (typeof value === 'string' ? decisions.get(value.trim().toUpperCase()) : undefined) ?? 'OTHER';
}

/** Only what says so is a success. */
function isTrue(value: OriginalValue): boolean {
  return value === 1 || (typeof value === 'string' && /^\s*(1|true)\s*$/i.test(value));
}
