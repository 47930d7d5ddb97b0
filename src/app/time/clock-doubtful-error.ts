import { KnownError } from '../../governance/known-error.ts';
import { doubtRemedy, doubtSentence, type ClockDoubt } from '../../governance/clock-witness.ts';

/** A command that raises was refused because the wall clock is doubtful. Nothing was done, and no key was spent. */
export class ClockDoubtfulError extends KnownError {
  override readonly name = 'ClockDoubtfulError';
  readonly code = 'CLOCK_DOUBTFUL';
  override readonly detail = this.code;
  readonly retryable = true;

  constructor(readonly doubt: ClockDoubt) {
    super(`${doubtSentence(doubt)} ${doubtRemedy(doubt)}`);
  }
}
