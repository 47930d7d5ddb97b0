import { describe, expect, it } from 'vitest';
import { RecordDocument } from '../../src/generated/graphql/test.ts';
import { givenLedger, givenFile, givenServer, givenTokens, tierkeeper } from './given-cli.ts';
import { piped } from './in-this-process.ts';

const AT = '2026-01-01T00:00:00Z';
const RUN = { agentId: 'eve', runId: 'r1', startedAt: AT, finishedAt: AT, actions: [] };
const VARIABLES = JSON.stringify({ input: { runs: [RUN] } });

describe('a document', () => {
  it('runs from a file or stdin, with variables, as the principal of the token', async () => {
    const database = { ...(await givenLedger()), ...givenTokens() };
    const file = givenFile(
      'record.graphql',
      `${RecordDocument.toString()} query Who { viewer { id kind roles } }`,
    );
    const recorded = await piped(['graphql', file, '--operation', 'Record', '--variables', VARIABLES], {
      ...database,
      TIERKEEPER_TOKEN: 't-runner',
    });
    expect(recorded.json()).toEqual({ data: { recordRuns: { __typename: 'RunsRecorded', recorded: 1 } } });
    expect(recorded.code).toBe(0);
    const who = await tierkeeper(
      ['graphql', '-', '--operation', 'Who'],
      { ...database, TIERKEEPER_TOKEN: 't-runner' },
      `query Who { viewer { id kind roles } }`,
    );
    expect(who.json()).toEqual({
      data: { viewer: { id: 'runner', kind: 'SERVICE', roles: ['VIEWER', 'RECORDER'] } },
    });
  });

  it('is run as local person where nothing is configured', async () => {
    const { json } = await piped(['graphql'], await givenLedger(), '{ viewer { id kind roles agents } }');
    expect(json()).toEqual({
      data: {
        viewer: {
          id: expect.stringMatching(/^local:./) as string,
          kind: 'PERSON',
          roles: ['VIEWER', 'REVIEWER', 'ADMIN', 'AUDITOR'],
          agents: ['*'],
        },
      },
    });
  });

  it('that is wrong has the errors of the wire, on stdout, and ends with 2', async () => {
    const database = { ...(await givenLedger()), ...givenTokens(), TIERKEEPER_TOKEN: 't-val' };
    const { remote } = await givenServer(database);
    for (const [document, code] of [
      ['{ nope }', 'GRAPHQL_VALIDATION_FAILED'],
      ['query A { cursor } query B { cursor }', 'OPERATION_RESOLUTION_FAILURE'],
      ['{ ledger(after: "x") { totalCount } }', 'INVALID_CURSOR'],
      ['query($tier: Tier!) { promotionRequirements(tier: $tier) { toTier } }', 'BAD_USER_INPUT'],
    ] as const) {
      const [here, there] = await Promise.all([
        piped(['graphql'], database, document),
        piped(['graphql', '--json'], { ...remote, TIERKEEPER_TOKEN: 't-val' }, document),
      ]);
      expect([here.code, there.code]).toEqual([2, 2]);
      expect(shape(here.json())).toEqual({ ...shape(there.json()), message: expect.any(String) as string });
      expect(shape(here.json()).extensions).toEqual({ code, retryable: false, retryAfterMs: null });
      expect(here.stderr).toContain(`(${code})`);
      expect(there.stderr).toBe('');
    }
  });
});

interface Shape {
  readonly extensions: object;
}

/** The first error of an answer without what is new each time. */
function shape(answer: unknown): Shape {
  const { errors } = answer as { errors: [Shape & { extensions: { requestId: string } }] };
  const { requestId, ...extensions } = errors[0].extensions;
  expect(requestId).toMatch(/^[0-9a-f]{32}$/);
  return { ...errors[0], extensions };
}
