import type { AgentState } from '../../governance/agent-state.ts';
import { DAY } from '../../governance/facts.ts';
import {
  automaticRevocations,
  coolDownEnd,
  countingRules,
  loweredBy,
  type RuledViolation,
  type Unconsumed,
} from '../../governance/revocation.ts';
import type { Severity } from '../../governance/severity.ts';
import type { WriteTransaction } from '../ports/store.ts';
import { appendRevocation } from './revoke-agent.ts';

/** Violations that are about to be recorded of an agent. */
export interface Coming {
  readonly agentId: string;
  readonly violations: readonly { readonly severity: Severity }[];
}

/** Applies the policy's rules of revocation to the violations of one transaction, in the order of their recording. */
export class ViolationRules {
  private constructor(
    private readonly tx: WriteTransaction,
    private readonly unconsumed: Map<string, Unconsumed>,
  ) {}

  /** Counts what stands for each rule already, once for all agents; nothing is read where no rule counts. */
  static async open(tx: WriteTransaction, coming: readonly Coming[]): Promise<ViolationRules> {
    const since = tx.now - tx.inForce.windowDays * DAY;
    const severities = new Map<string, Severity[]>();
    for (const { agentId, violations } of coming)
      severities.set(agentId, [
        ...(severities.get(agentId) ?? []),
        ...violations.map(({ severity }) => severity),
      ]);
    const requests = [...severities].flatMap(([agentId, own]) =>
      countingRules(tx.inForce, own).map((rule) => ({ agentId, rule, since })),
    );
    const counts = await tx.unconsumed(requests);
    const unconsumed = new Map<string, Unconsumed>();
    requests.forEach(({ agentId, rule }, index) =>
      unconsumed.set(agentId, { ...unconsumed.get(agentId), [rule.name]: counts[index] ?? 0 }),
    );
    return new ViolationRules(tx, unconsumed);
  }

  /** Appends what the violations of one run, or one reported later, come to, and gives the state after it. */
  apply(state: AgentState, violations: readonly RuledViolation[], actor: string): AgentState {
    const { tx } = this;
    const { agentId } = state;
    const { revocations, unconsumed } = automaticRevocations(tx.inForce, violations, {
      unconsumed: this.unconsumed.get(agentId) ?? {},
    });
    this.unconsumed.set(agentId, unconsumed);
    const coolDownUntil = coolDownEnd('AUTOMATIC', tx.now);
    return revocations.reduce((before, { rule, cause }) => {
      const toTier = loweredBy(rule, before.tier);
      const why = { reason: null, rule: rule.name, cause };
      return appendRevocation(tx, before, {
        toTier,
        suspends: rule.suspends,
        coolDownUntil,
        actor,
        ...why,
      }).state;
    }, state);
  }
}
