import type { ImportedApproval, Verdict } from '../../governance/ledger/entries.ts';
import { evaluate } from '../../governance/evaluation.ts';
import type { Approval } from '../../generated/prisma/client.ts';
import type { Context } from '../context.ts';
import { policyOf } from '../evaluation.ts';

/** The evaluation that an entry stands on, from its own facts under its own policy: as it was then. */
export async function evaluationOf(context: Context, verdict: Verdict) {
  return evaluate(await policyOf(context, verdict.policy), verdict.facts);
}

/** A text that an entry refers to; null once it is erased. */
export async function textOf(
  { load }: Context,
  reference: { readonly id: string } | null,
): Promise<string | null> {
  return reference === null ? null : load.text.load(reference.id);
}

/** The vote that an imported promotion names, shown like any other. */
export function importedApproval({ principalKey, rationale }: ImportedApproval, at: bigint): Approval {
  const role = 'REVIEWER';
  return { seq: 0n, candidacySeq: 0n, principalKey, role, rationaleId: rationale?.id ?? null, at };
}
