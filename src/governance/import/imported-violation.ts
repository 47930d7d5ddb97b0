import { rowProblem, shown, type ImportProblem, type Judged } from './imported-problem.ts';
import { importedText, type OriginalRows, type OriginalValue } from './imported-rows.ts';
import { importedTime, timeProblem } from './imported-time.ts';
import { SEVERITIES, type Severity } from '../severity.ts';

type Row = Omit<OriginalRows['violations'], 'named'>;

/** A violation of an original ledger; `occurredAt` is null if nobody knows when. */
export interface ImportedViolation {
  readonly type: string;
  readonly severity: Severity;
  readonly description: string | null;
  readonly occurredAt: number | null;
}

const severities = new Map<string, Severity>(SEVERITIES.map((severity) => [severity, severity]));

/** A violation: none is ever left out, and whatever is unclear about it makes it worse. */
export function importedViolation(row: Row, notAfter: number): Judged<ImportedViolation> {
  const problems: ImportProblem[] = [];
  const report = (kind: ImportProblem['kind'], message: string) =>
    problems.push(rowProblem('violations', row, { kind, message }));
  const occurredAt = importedTime(row.timestamp, notAfter);
  if (occurredAt === null)
    report(
      'TIME_UNREADABLE',
      `${timeProblem(row.timestamp, notAfter)}; the violation counts until the window has passed after the import.`,
    );
  const severity = severityOf(row.severity);
  if (severity === null)
    report('SEVERITY_UNKNOWN', `The severity ${shown(row.severity)} is unknown; it counts as CRITICAL.`);
  const fact = {
    type: importedText(row.violationType) ?? 'unspecified',
    severity: severity ?? 'CRITICAL',
    description: importedText(row.description),
    occurredAt,
  };
  return { fact, problems };
}

function severityOf(value: OriginalValue): Severity | null {
  return (typeof value === 'string' ? severities.get(value.trim().toUpperCase()) : undefined) ?? null;
}

/** Before every instant that anybody can ask for. */
const FROM_THE_BEGINNING = Number.MIN_SAFE_INTEGER;

/**
 * When a violation occurred and from when on it counts. One whose time is unknown occurs at the import and was known
 * from the beginning, so that it counts at every instant until the window has passed after the import.
 */
export function violationTimes(
  { occurredAt }: Pick<ImportedViolation, 'occurredAt'>,
  importedAt: number,
): { readonly occurredAt: number; readonly recordedAt: number } {
  return occurredAt === null
    ? { occurredAt: importedAt, recordedAt: FROM_THE_BEGINNING }
    : { occurredAt, recordedAt: occurredAt };
}
