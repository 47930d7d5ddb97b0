import fc from 'fast-check';
import { recordRuns } from '../../../src/app/commands/record-runs.ts';
import type { App } from '../../../src/app/app.ts';
import type { Severity } from '../../../src/governance/severity.ts';
import { promote } from '../../support/given-agent.ts';
import { deny, revoke } from '../../support/given-authority.ts';
import { DAY } from '../../support/given-engine.ts';
import { ABE, ADA, ANN, BEN, RUNNER } from '../../support/given-principal.ts';
import { givenReport, givenRun, givenViolation, report } from '../../support/given-runs.ts';
import type { Fate } from '../commands/held-command.ts';

/** The commands that meet. */
export const COMMANDS = ['record', 'promote', 'promote too', 'deny', 'revoke', 'violation'] as const;
/** One of them. */
export type CommandName = (typeof COMMANDS)[number];

/** What the commands are, and what they are about, beside their order. */
export interface ToldSchedule {
  readonly commands: readonly CommandName[];
  /** Who promotes the second time: somebody else, somebody who may do more, or the same person with another key. */
  readonly second: number;
  /** Whether the second vote names the tier that it is for. */
  readonly named: boolean;
  readonly suspend: boolean;
  readonly severity: Severity;
  readonly ago: number;
  /** Whether the run that is recorded has a violation. */
  readonly broken: boolean;
  /** Who is killed, and when; they repeat what they sent. */
  readonly killed: readonly { readonly command: CommandName; readonly fate: Fate }[];
}

/** Up to four of them, one of which is a vote; somebody is killed more often than not. */
export const toldSchedule: fc.Arbitrary<ToldSchedule> = fc.record({
  commands: fc
    .subarray(
      [...COMMANDS].filter((each) => each !== 'promote'),
      { minLength: 2, maxLength: 3 },
    )
    .map((others) => ['promote' as const, ...others]),
  second: fc.nat({ max: 2 }),
  named: fc.boolean(),
  suspend: fc.boolean(),
  severity: fc.constantFrom('LOW', 'MEDIUM', 'HIGH', 'CRITICAL'),
  ago: fc.constantFrom(0, 0, 31 * DAY),
  broken: fc.constantFrom(false, false, false, true),
  killed: fc.array(
    fc.record({
      command: fc.constantFrom(...COMMANDS),
      fate: fc.constantFrom('KILLED_BEFORE_COMMIT' as const, 'KILLED_AFTER_COMMIT' as const),
    }),
    { maxLength: 3 },
  ),
});

/** Sends a command, the same each time: with one key and one content. */
export type Send = (app: App) => Promise<unknown>;

/** The commands about an agent, ready to be sent. */
export function commandsFor(
  agentId: string,
  { second, named, suspend, severity, ago, broken }: ToldSchedule,
  now: number,
): Record<CommandName, Send> {
  const key = (name: CommandName) => ({ agentId, idempotencyKey: `${agentId} ${name}` });
  const violations = broken ? [givenViolation(now)] : [];
  const runs = [givenRun(now, { agentId, violations })];
  const violation = givenReport(now - ago, { ...key('violation'), severity });
  const voter = [ANN, BEN, ADA][second] ?? ANN;
  const expectedTier = named ? ('T1' as const) : null;
  return {
    record: (app) => recordRuns(app, RUNNER, { runs, idempotencyKey: key('record').idempotencyKey }),
    promote: (app) => promote(app, ANN, agentId, key('promote')),
    'promote too': (app) => promote(app, voter, agentId, { ...key('promote too'), expectedTier }),
    deny: (app) => deny(app, key('deny'), ABE),
    revoke: (app) => revoke(app, { ...key('revoke'), toTier: 'T0', suspend }, BEN),
    violation: (app) => report(app, violation),
  };
}
