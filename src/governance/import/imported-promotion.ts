import { addsUp, type ImportedPromotion } from './imported-history.ts';
import { clear, rowProblem, shown, type ImportProblem, type Judged } from './imported-problem.ts';
import { importedText, type OriginalRows, type OriginalValue } from './imported-rows.ts';
import { importedTime, timeProblem } from './imported-time.ts';
import { tierOf, type Tier } from '../tier.ts';

type Row = Omit<OriginalRows['promotions'], 'named'>;

/** A promotion of an original ledger with who approved it: history, never the reason for a tier. */
export interface ApprovedPromotion extends ImportedPromotion {
  readonly fromTier: Tier;
  readonly approvedBy: string;
  readonly rationale: string | null;
}

/** Who approved what names nobody. */
const NOBODY_NAMED = 'unknown';

/** A promotion, or null if it is left out. */
export function importedPromotion(row: Row, notAfter: number): Judged<ApprovedPromotion | null> {
  const at = importedTime(row.timestamp, notAfter);
  if (at === null)
    return leftOut(row, { kind: 'TIME_UNREADABLE', message: timeProblem(row.timestamp, notAfter) });
  const [fromTier, toTier] = [levelOf(row.fromTier), levelOf(row.toTier)];
  if (fromTier === null || toTier === null) {
    const message = `One of the tiers ${shown(row.fromTier)} and ${shown(row.toTier)} is no integer 0–4`;
    return leftOut(row, { kind: 'TIER_INVALID', message });
  }
  const approvedBy = importedText(row.approvedBy)?.trim() ?? '';
  return clear({
    at,
    fromTier,
    toTier,
    approvedBy: approvedBy === '' ? NOBODY_NAMED : approvedBy,
    rationale: importedText(row.rationale),
  });
}

function leftOut(row: Row, problem: Pick<ImportProblem, 'kind' | 'message'>): Judged<null> {
  const message = `${problem.message}; the promotion is left out.`;
  return { fact: null, problems: [rowProblem('promotions', row, { ...problem, message })] };
}

function levelOf(value: OriginalValue): Tier | null {
  return typeof value === 'number' ? tierOf(value) : null;
}

/** What promotions, in time order, tell of how an agent came to its tier. */
export interface PromotionHistory {
  readonly addsUp: boolean;
  /** The last promotion's time if they add up; null if nothing says since when. */
  readonly tierSince: number | null;
}

/** Whether promotions add up to an agent's tier, and since when it then holds it. */
export function promotionHistory(promotions: readonly ApprovedPromotion[], tier: Tier): PromotionHistory {
  return addsUp(promotions, tier)
    ? { addsUp: true, tierSince: promotions.at(-1)?.at ?? null }
    : { addsUp: false, tierSince: null };
}
