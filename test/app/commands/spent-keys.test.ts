import { describe, expect, test } from 'vitest';
import { recordRuns } from '../../../src/app/commands/record-runs.ts';
import type { Principal } from '../../../src/governance/principals/principal.ts';
import { givenEligible, promote } from '../../support/given-agent.ts';
import { givenEngine, START, type GivenEngine } from '../../support/given-engine.ts';
import { ANN, RUNNER } from '../../support/given-principal.ts';
import { givenReport, givenRun, record, report } from '../../support/given-runs.ts';
import { codeOf } from '../entries.ts';

type Repeatable = (given: GivenEngine) => Promise<(by: (who: Principal) => Principal) => Promise<unknown>>;

const KEY = { idempotencyKey: 'once' };

/** Each command, arranged so that it may be given again and again with the same key. */
const COMMANDS: readonly (readonly [string, Repeatable])[] = [
  [
    'recordRuns',
    ({ app }) => {
      const runs = [givenRun(START), givenRun(START, { agentId: 'Not an id' })];
      return Promise.resolve((by) => recordRuns(app, by(RUNNER), { runs, ...KEY }));
    },
  ],
  [
    'reportViolation',
    async ({ app }) => {
      await record(app, [givenRun(START)]);
      const sent = givenReport(START, KEY);
      return (by) => report(app, sent, by(RUNNER));
    },
  ],
  [
    'promoteAgent',
    async ({ app }) => {
      await givenEligible(app);
      return (by) => promote(app, by(ANN), 'eve', KEY);
    },
  ],
];

describe.each(COMMANDS)('the outcome of %s', (_, arrange) => {
  test('is read again by its key', async () => {
    const given = await givenEngine();
    const repeat = await arrange(given);
    const first = await repeat((who) => who);
    expect(await repeat((who) => who)).toEqual(first);
    expect(await repeat((who) => ({ ...who, agents: ['e*'] }))).toEqual(first);
  });

  test('is not read again by who no longer sees its agent', async () => {
    const given = await givenEngine();
    const repeat = await arrange(given);
    await repeat((who) => who);
    expect(await codeOf(repeat((who) => ({ ...who, agents: ['bob'] })))).toBe('FORBIDDEN');
  });
});

test('every refused run of a batch is counted, beside the batch', async () => {
  const { app } = await givenEngine();
  const counted: string[] = [];
  const meter = { command: (command: string, code: string) => counted.push(`${command} ${code}`) };
  const owned = givenRun(START, { owner: 'olga' });
  const other = { owner: 'otto' };
  const runs = [owned, givenRun(START, other), givenRun(START, other), givenRun(START, { agentId: '' })];
  await recordRuns({ ...app, meter }, RUNNER, { runs, idempotencyKey: null });
  expect(counted).toEqual([
    'RECORD_RUNS DONE',
    'RECORD_RUNS OWNER_CONFLICT',
    'RECORD_RUNS OWNER_CONFLICT',
    'RECORD_RUNS VALIDATION',
  ]);
});
