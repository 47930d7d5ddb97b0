import { canonicalText } from '../../../governance/ledger/digest.ts';
import type { Verdict } from '../../../governance/ledger/entries.ts';
import { adoptedPolicy, policyData, revocationRules, type Policy } from '../../../governance/policy.ts';
import { provesItself } from '../../../governance/ledger/proof.ts';
import { loweredBy } from '../../../governance/revocation.ts';
import type { EntryRow, LedgerSnapshot } from '../../ports/ledger-archive.ts';
import type { Rows } from '../../rows.ts';
import type { ReadEntry } from './facts-check.ts';
import type { ProblemLog } from './problems.ts';

/** Follows which policy is in force, and proves every decision again under the one it names. */
export class PoliciesCheck {
  readonly #log: ProblemLog;
  readonly #rows: ReadonlyMap<string, Rows['policies']>;
  readonly #policies = new Map<string, Policy>();
  readonly #adopted = new Set<string>();
  #inForce: string | null = null;
  #verdicts = 0;

  constructor(log: ProblemLog, snapshot: LedgerSnapshot) {
    this.#log = log;
    this.#rows = new Map([...snapshot.policies()].map((row) => [row.digest, row]));
    for (const row of this.#rows.values()) this.#read(row);
  }

  /** How many decisions have been proved. */
  get verdicts(): number {
    return this.#verdicts;
  }

  /** The policy in force after the entries so far. */
  get inForce(): Policy | null {
    return this.#inForce === null ? null : (this.#policies.get(this.#inForce) ?? null);
  }

  adopt(entry: ReadEntry<'POLICY_ADOPTED'>): void {
    const { policy, previous } = entry.read;
    const message = 'It replaces another policy than the one in force.';
    this.#log.unless(previous === this.#inForce, 'POLICY', entry, message);
    const row = this.#rows.get(policy);
    this.#log.unless(row !== undefined, 'POLICY', entry, `The policy ${policy} is missing.`);
    if (row !== undefined && !this.#adopted.has(policy)) {
      const when = 'Its policy is said to have come into force at another time.';
      this.#log.unless(row.adoptedAt === entry.at, 'POLICY', entry, when);
    }
    this.#adopted.add(policy);
    this.#inForce = policy;
  }

  prove(entry: EntryRow, verdict: Verdict): void {
    this.#verdicts += 1;
    const governed = verdict.policy === this.#inForce;
    this.#log.unless(governed, 'VERDICT', entry, 'It was decided by a policy that was not in force.');
    const policy = this.#policies.get(verdict.policy);
    const proved = policy !== undefined && provesItself(policy, verdict);
    this.#log.unless(proved, 'VERDICT', entry, 'Its facts under its policy give another verdict.');
  }

  /** A rule that revokes is one of the policy in force, and lowers and suspends as it says. */
  checkRevocation(entry: ReadEntry<'AGENT_REVOKED'>): void {
    const { rule: name, cause, fromTier, toTier, suspended, coolDownUntil, after } = entry.read;
    const ends = suspended === after.suspended && coolDownUntil === after.revocationCoolDownUntil;
    this.#log.unless(ends, 'STATE', entry, 'It says another suspension or cool-down than it led to.');
    if (name === null || this.inForce === null) return;
    const rule = revocationRules(this.inForce).find((each) => each.name === name);
    const obeys =
      rule !== undefined &&
      cause !== null &&
      toTier === loweredBy(rule, fromTier) &&
      (suspended || !rule.suspends);
    this.#log.unless(obeys, 'VERDICT', entry, `The policy in force has no rule ${name} that does this.`);
  }

  finish(digest: string | null): void {
    const head = 'The head names another policy in force than the last one adopted.';
    this.#log.unless(digest === this.#inForce, 'HEAD', {}, head);
    for (const row of this.#rows.keys())
      this.#log.unless(this.#adopted.has(row), 'POLICY', {}, `The policy ${row} was never adopted.`);
  }

  #read(row: Rows['policies']): void {
    const policy = policyOf(row.body);
    const same =
      policy !== null &&
      policy.digest === row.digest &&
      policy.name === row.name &&
      canonicalText(policyData(policy)) === row.body;
    this.#log.unless(same, 'POLICY', {}, `The policy ${row.digest} is not what its digest says.`);
    if (policy !== null && same) this.#policies.set(row.digest, policy);
  }
}

function policyOf(body: string): Policy | null {
  try {
    return adoptedPolicy(JSON.parse(body));
  } catch {
    return null;
  }
}
