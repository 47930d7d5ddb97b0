import { doubtSentence, type ClockDoubt } from '../governance/clock-witness.ts';

/** A command that raises was refused because the wall clock is doubtful. Nothing was done, and no key was spent. */
export class ClockDoubtfulError extends Error {
  override readonly name = 'ClockDoubtfulError';
  readonly code = 'CLOCK_DOUBTFUL';
  readonly retryable = true;

  constructor(readonly doubt: ClockDoubt) {
    super(`${doubtSentence(doubt)} ${remedy(doubt)}`);
  }
}

function remedy({ accepted }: ClockDoubt): string {
  if (accepted)
    return 'It is accepted, but nothing is raised until it has caught up with the ledger. Try again then.';
  return 'Nothing is raised until they agree, or until an operator runs `tierkeeper clock accept`. Correct the clock, then try again.';
}
