import { describe, expect, test } from 'vitest';
import { givenEngine, START } from '../support/given-engine.ts';
import { ANN, RUNNER } from '../support/given-principal.ts';
import { givenRun, record } from '../support/given-runs.ts';
import { readDateTime } from '../../src/graphql/scalars.ts';
import { ask } from './ask.ts';

const REFUSED = [
  ['no offset', '2026-06-30T12:00:00'],
  ['no time', '2026-06-30'],
  ['no seconds', '2026-06-30T12:00Z'],
  ['a blank for T', '2026-06-30 12:00:00Z'],
  ['February 30', '2026-02-30T12:00:00Z'],
  ['February 29 of a common year', '2026-02-29T12:00:00Z'],
  ['April 31', '2026-04-31T12:00:00Z'],
  ['month 13', '2026-13-01T12:00:00Z'],
  ['month 0', '2026-00-10T12:00:00Z'],
  ['day 0', '2026-01-00T12:00:00Z'],
  ['a leap second', '2016-12-31T23:59:60Z'],
  ['hour 24', '2026-06-30T24:00:00Z'],
  ['minute 60', '2026-06-30T12:60:00Z'],
  ['an offset of 24 hours', '2026-06-30T12:00:00+24:00'],
  ['an offset of 60 minutes', '2026-06-30T12:00:00+01:60'],
  ['an offset without a colon', '2026-06-30T12:00:00+0100'],
  ['a fraction without digits', '2026-06-30T12:00:00.Z'],
  ['a comma', '2026-06-30T12:00:00,5Z'],
  ['six digits of year', '+002026-06-30T12:00:00Z'],
  ['blanks around', ' 2026-06-30T12:00:00Z '],
  ['nothing', ''],
  ['a year before 0000 in UTC', '0000-01-01T00:00:00+00:01'],
  ['a year after 9999 in UTC', '9999-12-31T23:59:59-00:01'],
  ['a fraction that rounds up to the year 10000', '9999-12-31T23:59:59.9996Z'],
  ['another alphabet', '٢٠٢٦-06-30T12:00:00Z'],
] as const;

describe('a time', () => {
  test.each([
    ['2026-06-30T12:00:00Z', START],
    ['2026-06-30t12:00:00z', START],
    ['2026-06-30T14:30:00+02:30', START],
    ['2026-06-29T23:00:00-13:00', START],
    ['2026-06-30T12:00:00-00:00', START],
    ['2026-06-30T12:00:00.5Z', START + 500],
    ['2026-06-30T12:00:00.123456789Z', START + 123],
    ['2026-06-30T12:00:00.9995Z', START + 1_000],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['1969-12-31T23:59:59.999Z', -1],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000],
    ['9999-12-31T23:59:59.999Z', 253_402_300_799_999],
  ])('%s is read to the millisecond', (text, instant) => {
    expect(readDateTime(text)).toBe(instant);
  });

  test('goes out as UTC with milliseconds', async () => {
    const { app, engine } = await givenEngine();
    await record(app, [givenRun(START - 1)]);
    const answer = await ask(engine, ANN, '{ agent(agentId: "eve") { lastActiveAt registeredAt } }');
    expect(answer.data).toEqual({
      agent: { lastActiveAt: '2026-06-30T11:59:59.999Z', registeredAt: '2026-06-30T12:00:00.000Z' },
    });
  });

  test('that is none is refused with a code, as a variable, a literal and a part of an input', async () => {
    const { engine } = await givenEngine();
    const query = 'query ($at: DateTime) { ledger(filter: { from: $at }) { totalCount } }';
    for (const [what, text] of REFUSED) {
      const variable = await ask(engine, ANN, query, { at: text });
      expect(variable.codes, what).toEqual(['BAD_USER_INPUT']);
      const literal = await ask(
        engine,
        ANN,
        query.replace('$at:', '$x:').replace('from: $at', `from: ${JSON.stringify(text)}, to: $x`),
      );
      expect(literal.codes, what).toEqual(['BAD_USER_INPUT']);
    }
    for (const value of [1_782_820_800_000, true, [], {}])
      expect((await ask(engine, ANN, query, { at: value })).codes.slice(0, 1)).toEqual(['BAD_USER_INPUT']);
  });

  test('that is none and long is not repeated in full', async () => {
    const { engine } = await givenEngine();
    const query = `{ ledger(filter: { from: "${'9'.repeat(10_000)}" }) { totalCount } }`;
    const { messages } = await ask(engine, ANN, query);
    expect(messages[0]).toContain('RFC 3339');
    expect(messages[0]?.length).toBeLessThan(300);
  });

  test('that is none refuses a whole batch, with its place', async () => {
    const { engine } = await givenEngine();
    const answer = await ask(
      engine,
      RUNNER,
      'mutation ($input: RecordRunsInput!) { recordRuns(input: $input) { __typename } }',
      {
        input: {
          runs: [
            {
              agentId: 'a',
              runId: 'r',
              startedAt: '2026-02-30T00:00:00Z',
              finishedAt: '2026-06-30T12:00:00Z',
              actions: [],
            },
          ],
        },
      },
    );
    expect(answer.codes).toEqual(['BAD_USER_INPUT']);
    expect(answer.messages[0]).toContain('input.runs[0].startedAt');
  });
});
