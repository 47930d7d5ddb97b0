import { SelfApprovalError } from '../errors.ts';

/** Why somebody can't decide on an agent's promotion: they are it, own it or did while its claim was open, or recorded a run of it. */
export type SelfApproval = 'IS_AGENT' | 'OWNS_AGENT' | 'OWNED_AGENT' | 'RECORDED_RUN';

const BARS: Record<SelfApproval, string> = {
  IS_AGENT: 'An agent',
  OWNS_AGENT: 'Its owner',
  OWNED_AGENT: 'Whoever owned it since it became eligible',
  RECORDED_RUN: 'Whoever recorded a run of it',
};

/** The refusal of a decision by somebody who is barred. */
export function selfApprovalError(
  bar: SelfApproval,
  to: { readonly do: 'approve' | 'deny'; readonly agentId: string },
): SelfApprovalError {
  return new SelfApprovalError(`${BARS[bar]} can't ${to.do} ${to.agentId}. Ask somebody else.`);
}
