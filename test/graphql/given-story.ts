import { givenEligible, promote } from '../support/given-agent.ts';
import { DAY, givenEngine, MINUTE, START, type GivenEngine } from '../support/given-engine.ts';
import { ADA, ANN, BEN, VAL } from '../support/given-principal.ts';
import { givenAction, givenReport, givenRun, givenViolation, record, report } from '../support/given-runs.ts';

/**
 * An engine on which every kind of entry stands, a minute apart: eve (T3) waits for her second vote, bob (T0, owned by
 * olga) earned T1 and lost it by a violation, cy has just begun, and dot waits for T1.
 */
export async function givenStory(): Promise<GivenEngine> {
  const given = await givenEngine();
  const { app, clock } = given;
  const after = async (work: Promise<unknown>) => {
    await work.catch(() => undefined);
    clock.advance(MINUTE);
  };
  await after(givenEligible(app, 'eve', 'T3'));
  await after(record(app, [givenRun(START - 2 * DAY, { agentId: 'bob', owner: 'olga' })]));
  await after(givenEligible(app, 'bob'));
  await after(promote(app, ADA, 'eve'));
  await after(promote(app, VAL, 'bob'));
  const bad = givenRun(START - DAY, {
    agentId: 'bob',
    actions: [givenAction('terraform_apply', START - DAY, { success: false })],
    violations: [givenViolation(START - DAY, { severity: 'HIGH', description: 'Deleted a volume.' })],
  });
  await after(record(app, [bad]));
  const reported = givenReport(START - 3 * DAY, {
    agentId: 'bob',
    runId: bad.runId,
    description: 'And its backup.',
  });
  await after(report(app, reported, BEN));
  await after(record(app, [givenRun(START, { agentId: 'cy' })]));
  await after(promote(app, ANN, 'cy'));
  await after(givenEligible(app, 'dot'));
  return given;
}

/** The agents of the story. */
export const AGENTS = ['bob', 'cy', 'dot', 'eve'];
