// What must hold of one agent at T1 after commands about it met, however they did.
import { expect } from 'vitest';
import type { AgentRecord } from '../../../src/app/ports/agents.ts';
import type { StoredEntry } from '../../../src/app/ports/ledger.ts';
import type { LedgerEntryType } from '../../../src/governance/ledger/entries.ts';
import { nextTier, type Tier } from '../../../src/governance/tier.ts';
import type { HeldCommand } from '../commands/held-command.ts';
import type { CommandName, ToldSchedule } from '../standing/told-schedule.ts';

/** An attempt of a command, and where the ledger stood when it arrived. */
export interface Attempt {
  readonly command: CommandName;
  readonly held: HeldCommand;
  readonly arrivedAt: number;
}

/** What happened to an agent that was at T1: the entries since then, in order. */
export interface Schedule {
  readonly before: AgentRecord;
  readonly after: AgentRecord;
  readonly entries: readonly StoredEntry[];
  readonly attempts: readonly Attempt[];
  readonly told: ToldSchedule;
}

/** The codes that each command may be refused with here. */
const CODES: Record<CommandName, readonly string[]> = {
  record: [],
  promote: ['STALE_EVALUATION', 'NOT_ELIGIBLE', 'DUPLICATE_APPROVAL'],
  'promote too': ['STALE_EVALUATION', 'NOT_ELIGIBLE', 'DUPLICATE_APPROVAL'],
  deny: ['STALE_EVALUATION', 'NO_CANDIDACY'],
  revoke: ['NOT_LOWER'],
  violation: [],
};

/** Fails unless everything holds that design rules 3.4 to 3.6 promise. */
export function soundSchedule(schedule: Schedule): void {
  soundTiers(schedule);
  soundClaims(schedule);
  soundPromotions(schedule);
  soundRepetitions(schedule);
}

/** The tier is the fold of the entries, each step up is one, nothing else goes up, and the revocation to T0 wins. */
function soundTiers({ after, entries, told }: Schedule): void {
  let tier: Tier = 'T1';
  for (const entry of entries) {
    if (entry.type !== 'AGENT_PROMOTED' && entry.type !== 'AGENT_REVOKED') continue;
    const { fromTier, toTier } = entry.payload;
    expect(fromTier, 'a change begins at the tier that was').toBe(tier);
    if (entry.type === 'AGENT_PROMOTED') expect(toTier, 'a promotion is one step').toBe(nextTier(tier));
    else expect(toTier <= tier, 'a revocation never goes up').toBe(true);
    tier = toTier;
  }
  expect(after.state.tier, 'the tier is the fold').toBe(tier);
  const has = (command: CommandName) => told.commands.includes(command);
  if (has('revoke')) expect(tier, 'a revocation wins').toBe('T0');
  const suspends = has('violation') && told.severity === 'CRITICAL';
  expect(after.state.suspended).toBe(suspends || (has('revoke') && told.suspend));
}

const ABOUT_CLAIMS: ReadonlySet<LedgerEntryType> = new Set([
  'APPROVAL_RECORDED',
  'AGENT_PROMOTED',
  'PROMOTION_DENIED',
  'ELIGIBILITY_LOST',
]);

/** At most one candidacy is open, and what closes one closes the open one. */
function soundClaims({ before, after, entries }: Schedule): void {
  let open = before.candidacy;
  for (const { seq, type, payload } of entries) {
    if (type === 'AGENT_BECAME_ELIGIBLE') {
      expect(open, 'one candidacy at a time').toBeNull();
      open = seq;
    } else if (ABOUT_CLAIMS.has(type)) {
      expect(payload, 'it is about the open candidacy').toMatchObject({ candidacy: open });
      if (type !== 'APPROVAL_RECORDED') open = null;
    }
  }
  expect(after.candidacy).toBe(open);
}

/** Nothing promotes after a revocation, a denial or a violation in the window. */
function soundPromotions({ entries, told }: Schedule): void {
  const bars = (entry: StoredEntry) =>
    entry.type === 'AGENT_REVOKED' ||
    entry.type === 'PROMOTION_DENIED' ||
    (entry.type === 'VIOLATION_REPORTED' && (told.ago === 0 || entry.payload.run !== null));
  const bar = entries.find(bars)?.seq ?? Infinity;
  const votes = entries.filter(({ type }) => type === 'AGENT_PROMOTED' || type === 'APPROVAL_RECORDED');
  for (const { seq } of votes) expect(seq, 'a vote after what bars it').toBeLessThan(bar);
}

interface Known {
  readonly seq?: number;
}

/** What the transaction of an attempt came to, as the attempt itself or only the test knows; null if it was undone or refused. */
function resultOf({ held: { outcome } }: Attempt): Known | null {
  if (outcome === null || 'refused' in outcome) return null;
  if ('answer' in outcome) return outcome.answer as Known;
  return (outcome.committed as { readonly outcome?: Known } | null)?.outcome ?? null;
}

/** Each key has one outcome, which every repetition reads again, and one effect. */
function soundRepetitions(schedule: Schedule): void {
  const done = schedule.told.commands.filter((command) => soundCommand(command, schedule));
  expect(effectsIn(schedule.entries)).toEqual({
    record: done.includes('record') ? 1 : 0,
    promote: done.filter((command) => command.startsWith('promote')).length,
    deny: done.includes('deny') ? 1 : 0,
    revoke: done.includes('revoke') ? 1 : 0,
    violation: done.includes('violation') ? 1 : 0,
  });
}

/** What was appended by somebody's hand: neither by a rule nor with a run. */
function effectsIn(entries: readonly StoredEntry[]) {
  const count = (of: (entry: StoredEntry) => boolean) => entries.filter(of).length;
  return {
    record: count(({ type }) => type === 'RUN_RECORDED'),
    promote: count(({ type }) => type === 'AGENT_PROMOTED' || type === 'APPROVAL_RECORDED'),
    deny: count(({ type }) => type === 'PROMOTION_DENIED'),
    revoke: count((entry) => entry.type === 'AGENT_REVOKED' && entry.payload.rule === null),
    violation: count((entry) => entry.type === 'VIOLATION_REPORTED' && entry.payload.run === null),
  };
}

/** Gives whether a command has had an effect: then each later attempt that was committed came to the same. */
function soundCommand(command: CommandName, schedule: Schedule): boolean {
  const own = schedule.attempts.filter((attempt) => attempt.command === command);
  const last = own.at(-1)?.held.outcome ?? null;
  if (last !== null && 'refused' in last) expect(CODES[command]).toContain(last.refused);
  else expect(last, `${command} is answered in the end`).toHaveProperty('answer');
  const first = own.findIndex((attempt) => resultOf(attempt) !== null);
  const decisive = own[first];
  if (decisive === undefined) return false;
  for (const later of own.slice(first + 1).filter(wasCommitted))
    expect(resultOf(later), `${command} was repeated`).toEqual(resultOf(decisive));
  if (command.startsWith('promote')) soundVote(schedule, decisive);
  return true;
}

function wasCommitted({ held: { outcome } }: Attempt): boolean {
  return outcome !== null && !('killed' in outcome && outcome.committed === null);
}

/** A vote counts at the tier alone that was read as it arrived, or that it named. */
function soundVote({ entries, told }: Schedule, attempt: Attempt): void {
  const { seq } = resultOf(attempt) ?? {};
  const vote = entries.find((entry) => entry.seq === seq);
  if (vote?.type !== 'AGENT_PROMOTED' && vote?.type !== 'APPROVAL_RECORDED')
    throw new Error('A vote is answered with an entry that is none.');
  const changes = entries.filter(
    (entry) => entry.type === 'AGENT_PROMOTED' || entry.type === 'AGENT_REVOKED',
  );
  const arrived = changes.findLast((entry) => entry.seq <= attempt.arrivedAt)?.payload.toTier ?? 'T1';
  const bound = attempt.command === 'promote too' && told.named ? 'T1' : arrived;
  expect(vote.payload, 'a vote is for the tier it was bound to').toMatchObject({
    facts: { state: { tier: bound } },
  });
}
