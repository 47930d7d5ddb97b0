import { refusalError, type Refusal } from './answer-error.ts';
import type { CliError } from '../cli-error.ts';

interface Issue {
  readonly path: string;
  readonly message: string;
}

/** What each part of an input is typed as. */
const OPTIONS: Readonly<Record<string, string>> = {
  'input.agentId': 'AGENT',
  'input.rationale': '--rationale',
  'input.reason': '--reason',
  'input.toTier': '--to',
  'input.idempotencyKey': '--idempotency-key',
};

/** A refusal, as the command ends with it; what is malformed is named by what was typed rather than by what was sent. */
export function typedRefusal(refusal: Refusal & { readonly issues?: readonly Issue[] }): CliError {
  const { issues } = refusal;
  if (issues === undefined) return refusalError(refusal);
  const typed = issues.map(({ path, message }) => `${OPTIONS[path] ?? path} ${message}`);
  return refusalError({ ...refusal, message: typed.join('; ') });
}
