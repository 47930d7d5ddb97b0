import { readFileSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { App } from '../../src/app/app.ts';
import { baseline } from '../../src/governance/policies/baseline.ts';
import { strict } from '../../src/governance/policies/strict.ts';
import { policyData, type Policy } from '../../src/governance/policy.ts';
import { givenEligible, promote } from '../support/given-agent.ts';
import { DAY } from '../support/given-engine.ts';
import { ANN } from '../support/given-principal.ts';
import { givenAction, givenRun, record } from '../support/given-runs.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { fileOf, givenDatabase, givenFile, givenTokens, printed, starting, tierkeeper } from './given-cli.ts';

type Step = Policy['steps'][number];
type Requirement = Step['requirements'][number];

/** The baseline with other first steps. */
function policyFile(...steps: readonly Partial<Step>[]): string {
  const changed = baseline.steps.map((step, index) => ({ ...step, ...steps[index] }));
  return givenFile('policy.yaml', stringify({ ...policyData(baseline), name: 'other', steps: changed }));
}

const needs = [{ role: 'ADMIN', count: 2 }] as const;
const runs = (atLeast: number): { readonly requirements: Requirement[] } => ({
  requirements: [{ kind: 'COMPLIANT_RUNS', atLeast, since: 'LIFETIME' }],
});

/** `eve` waits at T0; `ida` waits at T3 with a vote; `new` has one run and waits for nothing. */
async function story(app: App): Promise<void> {
  await givenEligible(app);
  await givenEligible(app, 'ida', 'T3');
  await promote(app, ANN, 'ida');
  await record(app, [givenRun(app.clock.now(), { agentId: 'new' })]);
}

describe('serve --adopt-policy --dry-run', () => {
  it('beside a server that runs, says who lapses with which votes and who gains, and changes nothing', async () => {
    const database = await givenDatabase(story);
    const serving = starting(['serve'], { ...database, ...givenTokens(), PORT: '0' });
    await printed(serving, /listens on/);
    const before = await exported(database);
    const TIERKEEPER_POLICY_FILE = policyFile(
      { ...runs(1), needs: [...needs] },
      {},
      {},
      { needs: [...needs] },
    );
    const other = { ...database, TIERKEEPER_POLICY_FILE };
    const { code, json } = await tierkeeper(['--json', 'serve', '--adopt-policy', '--dry-run'], other);
    expect(code).toBe(0);
    expect(json()).toMatchObject({
      dryRun: true,
      agents: 3,
      votesLost: 1,
      inForce: { name: 'baseline' },
      configured: { name: 'other' },
      lapses: [
        { agentId: 'eve', tier: 'T0', votes: 0, opensAnew: true },
        { agentId: 'ida', tier: 'T3', votes: 1, opensAnew: true },
      ],
      gains: [{ agentId: 'new', tier: 'T0', status: 'ELIGIBLE' }],
    });
    const { stdout } = await tierkeeper(['serve', '--adopt-policy', '--dry-run'], other);
    expect(stdout).toMatch(
      /2 candidacies would lapse, and 1 vote with them[^]*ida at T3, 1 vote[^]*1 agent would become/,
    );
    expect(await exported(database)).toBe(before);
    serving.process.kill('SIGTERM');
    await serving.ended;
  });

  it('foretells what adopting logs at start', async () => {
    const database = await givenDatabase(story);
    const TIERKEEPER_POLICY_FILE = policyFile(runs(60), {}, {}, { needs: [...needs] });
    const other = { ...database, ...givenTokens(), TIERKEEPER_POLICY_FILE, PORT: '0' };
    const foretold = (await tierkeeper(['--json', 'serve', '--adopt-policy', '--dry-run'], other)).json();
    expect(foretold).toMatchObject({
      lapses: [{ agentId: 'eve', opensAnew: false }, { agentId: 'ida' }],
      gains: [],
    });
    const serving = starting(['serve', '--adopt-policy'], other);
    await printed(serving, /listens on/);
    serving.process.kill('SIGTERM');
    const { stdout, stderr } = await serving.ended;
    expect(stdout + stderr).toMatch(
      /"policy":"other","previous":"baseline","lapsed":2,"gained":0,"votesLost":1,"lapsedAgents":\["eve","ida"\]/,
    );
  });

  it('says that nothing would change where the policy is in force already, and ends with 0', async () => {
    const database = await givenDatabase(story);
    const { code, stdout } = await tierkeeper(['serve', '--adopt-policy', '--dry-run'], database);
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('is in force already: nothing would change.'),
    ]);
  });

  it('is named where a start is refused, and is a mistake without --adopt-policy or without a database', async () => {
    const database = await givenDatabase(story);
    const other = { ...database, TIERKEEPER_POLICY_FILE: policyFile(runs(1)) };
    const refused = await tierkeeper(['serve'], other);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--adopt-policy --dry-run')]);
    expect((await tierkeeper(['serve', '--dry-run'], database)).code).toBe(2);
    const none = { DATABASE_URL: `file:${join(tempFolder(), 'none.db')}` };
    expect((await tierkeeper(['serve', '--adopt-policy', '--dry-run'], none)).code).toBe(2);
    expect(existsSync(fileOf(none))).toBe(false);
  });
});

describe('policy check', () => {
  it('names each requirement that nobody ever met, with the near miss, and ends with 1', async () => {
    const database = await givenDatabase(async (app) => {
      const at = app.clock.now() - 40 * DAY;
      const plan = givenAction('terraform_plan', at, { decision: 'PLAN' });
      const failed = givenAction('ansible_run', at, { success: false });
      await record(app, [
        ...Array.from({ length: 60 }, () =>
          givenRun(at, { actions: Array.from({ length: 20 }, () => plan) }),
        ),
        givenRun(at, {
          actions: [failed, { ...plan, decision: 'ESCALATE' }, givenAction('generate_plan', at)],
        }),
      ]);
    });
    const type = (action: string, counts: 'ANY' | 'SUCCESSFUL_EXECUTIONS' | 'SUCCESSFUL_PLANS') =>
      ({ kind: 'ACTION_TYPE', action, counts }) as const;
    const file = policyFile(
      {
        requirements: [
          type('terraform_plan', 'SUCCESSFUL_EXECUTIONS'),
          type('ansible_run', 'SUCCESSFUL_EXECUTIONS'),
        ],
      },
      {
        requirements: [type('generate-plan', 'ANY'), type('quite_another', 'ANY'), ...runs(61).requirements],
      },
      {
        requirements: [
          type('terraform_plan', 'SUCCESSFUL_PLANS'),
          { kind: 'SUCCESSFUL_MODIFICATIONS', atLeast: 2 },
        ],
      },
      { requirements: [...runs(62).requirements, { kind: 'TIME_AT_TIER', days: 3 }] },
    );
    const { code, json } = await tierkeeper(['--json', 'policy', 'check', file], database);
    expect([code, json()]).toMatchObject([
      1,
      {
        valid: true,
        policy: { name: 'other' },
        ledger: {
          agents: 1,
          neverMet: [
            ['T0', 'ACTION_TYPE:terraform_plan', 'recorded 1 time as ESCALATE, 1,200 as PLAN, 0 as EXECUTE'],
            ['T0', 'ACTION_TYPE:ansible_run', 'recorded 1 as EXECUTE, none with success'],
            ['T1', 'ACTION_TYPE:generate-plan', 'never recorded; is generate_plan meant?'],
            ['T1', 'ACTION_TYPE:quite_another', 'never recorded'],
            [
              'T2',
              'SUCCESSFUL_MODIFICATIONS',
              expect.stringMatching(/^1 successful execution by all/) as string,
            ],
            ['T3', 'COMPLIANT_RUNS', 'the most that any agent has is 61 compliant runs'],
            ['T3', 'TIME_AT_TIER', 'the first agent was registered 0 days ago'],
          ].map(([from, requirement, nearMiss]) => ({ from, requirement, nearMiss })),
        },
      },
    ]);
    const shown = await tierkeeper(['policy', 'check', file], database);
    expect(shown.stdout).toContain(
      'T0 terraform_plan: recorded 1 time as ESCALATE, 1,200 as PLAN, 0 as EXECUTE',
    );
  });

  it('ends with 0 where each was met, in whatever order the work was recorded', async () => {
    const database = await givenDatabase((app) => givenEligible(app));
    const { code, stdout } = await tierkeeper(['policy', 'check', policyFile()], database);
    expect([code, stdout]).toEqual([0, expect.stringContaining('Each requirement may have been met')]);
  });

  it('without a database checks the file alone, says so and makes none', async () => {
    const none = { DATABASE_URL: `file:${join(tempFolder(), 'none.db')}` };
    const example = join(import.meta.dirname, '../../examples/policy.yaml');
    const { code, stdout } = await tierkeeper(['policy', 'check', example], none);
    expect([code, stdout]).toEqual([0, expect.stringContaining('There is no database')]);
    expect(stdout).toContain(strict.digest);
    expect(existsSync(fileOf(none))).toBe(false);
  });

  it('refuses a file that is no policy with line and column, in JSON too', async () => {
    const text = readFileSync(join(import.meta.dirname, '../../examples/policy.yaml'), 'utf8');
    const file = givenFile('bad.yaml', text.replace('counts: SUCCESSFUL_PLANS', 'counts: PLANS'));
    const { code, stdout } = await tierkeeper(['--json', 'policy', 'check', file], {});
    const line = text.split('\n').findIndex((each) => each.includes('counts: SUCCESSFUL_PLANS }')) + 1;
    expect([code, JSON.parse(stdout)]).toMatchObject([
      2,
      { error: { code: 'POLICY_FILE', problems: [{ line }] } },
    ]);
  });
});

async function exported(database: Readonly<Record<string, string>>): Promise<string> {
  return (await tierkeeper(['export'], database)).stdout;
}
