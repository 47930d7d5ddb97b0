// What the rules of recording, candidacy, promotion and revocation say of one agent, written from their words alone:
// everything is kept, and everything is counted anew whenever somebody asks. It shares nothing with src but the shape of a policy.
import type { Policy } from '../../../src/governance/policy.ts';
import type { Severity } from '../../../src/governance/severity.ts';
import type { Tier } from '../../../src/governance/tier.ts';
import { naiveAnswer, tierEntered } from '../../governance/naive-evaluation.ts';
import type { Event, Story } from '../../governance/story.ts';

const TIERS: readonly Tier[] = ['T0', 'T1', 'T2', 'T3', 'T4'];
const DAY = 24 * 60 * 60 * 1000;

/** Who decides, and as what. */
export interface NaiveVoter {
  readonly id: string;
  readonly role: 'REVIEWER' | 'ADMIN';
}

/** A violation as it is recorded. */
export interface NaiveViolation {
  readonly occurredAt: number;
  readonly severity: Severity;
}

/** A run as it is recorded. */
export interface NaiveRun {
  readonly actions: (Event & { type: 'RUN' })['actions'];
  readonly violations: readonly NaiveViolation[];
}

/** What everybody can see of an agent. */
export interface NaiveView {
  readonly tier: string;
  readonly status: string;
  readonly blockers: readonly string[];
  readonly met: readonly boolean[];
  readonly eligibleSince: number | null;
  readonly counters: readonly number[];
  readonly owner: string | null;
  readonly retired: boolean;
  /** When the cool-downs of revocations and of a denial end. */
  readonly coolDowns: readonly (number | null)[];
}

interface NaiveCandidacy {
  readonly openedAt: number;
  readonly votes: Map<string, NaiveVoter['role']>;
  /** Everybody who owned the agent since. */
  readonly owners: Set<string | null>;
}

/** One agent in memory; whoever tells it something calls `turn` next. */
export class NaiveAgent {
  readonly #events: Event[] = [];
  readonly #recorders = new Set<string>();
  /** When each MEDIUM violation occurred that no revocation has consumed. */
  #mediums: number[] = [];
  #candidacy: NaiveCandidacy | null = null;
  #retired = false;
  #suspended = false;
  #coolDownUntil: number | null = null;
  #deniedUntil: number | null = null;

  constructor(
    private readonly policy: Policy,
    private readonly agentId: string,
    private readonly registeredAt: number,
    private owner: string | null,
  ) {}

  get tier(): Tier {
    return TIERS.find((tier) => tier === tierEntered(this.story).tier) ?? 'T0';
  }

  /** The positions of its runs among its events. */
  get runs(): readonly number[] {
    return this.#events.flatMap((event, index) => (event.type === 'RUN' ? [index] : []));
  }

  get story(): Story {
    return {
      agentId: this.agentId,
      registeredAt: this.registeredAt,
      events: this.#events,
      candidacy: null,
      suspended: this.#suspended,
      revocationCoolDownUntil: this.#coolDownUntil,
      denialCoolDownUntil: this.#deniedUntil,
    };
  }

  record(at: number, run: NaiveRun, recorder: string): void {
    this.#recorders.add(recorder);
    const { actions, violations } = run;
    this.#events.push({
      type: 'RUN',
      at,
      actions,
      violations: violations.map((each) => Math.max(each.occurredAt, at)),
    });
    for (const violation of violations) this.#obeyRules(at, violation);
  }

  report(at: number, violation: NaiveViolation, named: number | null): void {
    this.#events.push({ type: 'REPORT', at, occurredAt: Math.max(violation.occurredAt, at), named });
    this.#obeyRules(at, violation);
  }

  promote(at: number, voter: NaiveVoter): string {
    const { tier } = this;
    if (tier === 'T4') return 'MAXIMUM_TIER';
    if (this.#candidacy === null) return 'NOT_ELIGIBLE';
    if (this.#isBarred(voter.id)) return 'SELF_APPROVAL';
    const { votes } = this.#candidacy;
    if (votes.has(voter.id)) return 'DUPLICATE_APPROVAL';
    votes.set(voter.id, voter.role);
    const counting = [...votes].filter(([id]) => !this.#isBarred(id)).map(([, role]) => role);
    if (!this.#suffices(tier, counting)) return 'APPROVED';
    this.#candidacy = null;
    this.#deniedUntil = null;
    this.#events.push({ type: 'PROMOTION', at });
    return 'PROMOTED';
  }

  deny(at: number, voter: NaiveVoter): string {
    if (this.#candidacy === null) return 'NO_CANDIDACY';
    if (this.#isBarred(voter.id)) return 'SELF_APPROVAL';
    this.#candidacy = null;
    this.#deniedUntil = at + 7 * DAY;
    return 'DENIED';
  }

  revoke(at: number, asked: { readonly toTier: Tier | null; readonly suspend: boolean }): string {
    const toTier = asked.toTier ?? this.tier;
    const down = TIERS.indexOf(this.tier) - TIERS.indexOf(toTier);
    if (down < 0 || (down === 0 && !asked.suspend)) return 'NOT_LOWER';
    this.#lower(at, toTier, 7);
    this.#suspended ||= asked.suspend;
    return 'REVOKED';
  }

  reinstate(): string {
    if (!this.#suspended) return 'VALIDATION';
    this.#suspended = false;
    return 'REINSTATED';
  }

  update({ owner, retired }: { readonly owner: string | null; readonly retired: boolean | null }): string {
    this.owner = owner ?? this.owner;
    this.#retired = retired ?? this.#retired;
    this.#candidacy?.owners.add(this.owner);
    return 'UPDATED';
  }

  /** Opens or closes its claim as it stands at an instant, and says which. */
  turn(at: number): 'AGENT_BECAME_ELIGIBLE' | 'ELIGIBILITY_LOST' | null {
    const { status } = naiveAnswer(this.policy, this.story, at);
    const eligible = status === 'ELIGIBLE' || status === 'PENDING_REVIEW';
    if (eligible === (this.#candidacy !== null)) return null;
    this.#candidacy = eligible ? { openedAt: at, votes: new Map(), owners: new Set([this.owner]) } : null;
    return eligible ? 'AGENT_BECAME_ELIGIBLE' : 'ELIGIBILITY_LOST';
  }

  view(at: number): NaiveView {
    return {
      ...naiveAnswer(this.policy, this.story, at),
      tier: this.tier,
      owner: this.owner,
      retired: this.#retired,
      coolDowns: [this.#coolDownUntil, this.#deniedUntil],
      eligibleSince: this.#candidacy?.openedAt ?? null,
      counters: this.#counters(),
    };
  }

  /** CRITICAL: to T0 and suspended. HIGH: one tier down. Three MEDIUM in the window: one tier down, and they are consumed. */
  #obeyRules(at: number, { severity }: NaiveViolation): void {
    const below = TIERS[TIERS.indexOf(this.tier) - 1] ?? 'T0';
    if (severity === 'HIGH') this.#lower(at, below, 14);
    if (severity === 'CRITICAL') {
      this.#lower(at, 'T0', 14);
      this.#suspended = true;
    }
    const since = at - this.policy.windowDays * DAY;
    if (severity !== 'MEDIUM') return;
    this.#mediums = [...this.#mediums.filter((each) => each >= since), at];
    if (this.#mediums.length < 3) return;
    this.#mediums = [];
    this.#lower(at, below, 14);
  }

  /** Of two cool-downs the later end wins; a denial ends with the tier. */
  #lower(at: number, toTier: Tier, days: number): void {
    if (toTier !== this.tier) this.#deniedUntil = null;
    this.#events.push({ type: 'REVOCATION', at, toTier });
    this.#coolDownUntil = Math.max(this.#coolDownUntil ?? 0, at + days * DAY);
  }

  #isBarred(id: string): boolean {
    const owned = this.owner === id || (this.#candidacy?.owners.has(id) ?? false);
    return id === this.agentId || owned || this.#recorders.has(id);
  }

  /** Admins fill needs of admins first; those left over fill needs of reviewers. */
  #suffices(tier: Tier, roles: readonly string[]): boolean {
    const needs = this.policy.steps.find((step) => step.from === tier)?.needs ?? [];
    const needed = (role: string) => needs.find((need) => need.role === role)?.count ?? 0;
    const admins = roles.filter((role) => role === 'ADMIN').length;
    const spare = admins - needed('ADMIN');
    return spare >= 0 && roles.length - admins + spare >= needed('REVIEWER');
  }

  #counters(): readonly number[] {
    const spoilt = new Set(this.#events.map((event) => (event.type === 'REPORT' ? event.named : null)));
    const runs = this.#events.flatMap((event, index) =>
      event.type === 'RUN' ? [{ index, violations: event.violations.length }] : [],
    );
    const last = this.#events.findLastIndex(
      (event) => event.type !== 'PROMOTION' && (event.type !== 'RUN' || event.violations.length > 0),
    );
    return [
      runs.length,
      runs.filter(({ index, violations }) => violations === 0 && !spoilt.has(index)).length,
      runs.filter(({ index }) => index > last).length,
    ];
  }
}
