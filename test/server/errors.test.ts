import { GraphQLError, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/adapters/system/log.ts';
import { ask } from './ask.ts';
import { givenServer } from './given-server.ts';

describe('a top-level error', () => {
  it.each([
    ['FORBIDDEN', false, null],
    ['OVERLOADED', true, 1_000],
    ['STORAGE_UNAVAILABLE', true, 1_000],
    ['INVALID_CURSOR', false, null],
    ['BAD_USER_INPUT', false, null],
  ])(
    'that the API throws with the code %s is passed on, with advice',
    async (thrown, retryable, retryAfterMs) => {
      const given = await givenServer();
      const { status, headers, errors, data } = await ask(given, `{ refused(code: "${thrown}") }`);
      expect([status, data]).toEqual([200, { refused: null }]);
      expect(errors).toEqual([
        {
          message: 'told you',
          locations: [{ line: 1, column: 3 }],
          path: ['refused'],
          extensions: {
            code: thrown,
            detail: 7,
            requestId: headers.get('x-request-id'),
            retryable,
            retryAfterMs,
          },
        },
      ]);
    },
  );

  it('repeats little of a value that is wrong, however long it is and in however many ways', async () => {
    const given = await givenServer();
    const variables = { of: Array.from({ length: 50 }, () => 'x'.repeat(10_000)) };
    const { code, errors = [] } = await ask(given, 'query ($of: [Int!]!) { many(of: $of) }', { variables });
    expect(code).toBe('BAD_USER_INPUT');
    expect(errors.length).toBeLessThanOrEqual(6);
    expect(Math.max(...errors.map(({ message }) => message.length))).toBe(1_001);
  });

  it.each(['{ bug }', '{ requiredBug }', '{ refused(code: "MADE_UP") }', '{ wrongNumber }'])(
    'that nobody foresaw is masked and logged: %s',
    async (query) => {
      const given = await givenServer();
      const { errors, headers } = await ask(given, query);
      expect(errors?.[0]).toMatchObject({
        extensions: { code: 'INTERNAL', retryable: false, retryAfterMs: null },
      });
      expect(JSON.stringify(errors)).not.toMatch(/secret|told you|non-nullable|number/);
      const [line, ...more] = given.lines.filter((text) => text.includes('"level":50'));
      expect(more).toEqual([]);
      expect(line).toContain(headers.get('x-request-id'));
      expect(line).toContain('"principal":"val"');
      expect(line).toContain('"stack"');
    },
  );

  it('of the database says to come back, and keeps the cause to the log', async () => {
    const given = await givenServer();
    const { errors, data } = await ask(given, '{ busy hello }');
    expect(data).toEqual({ busy: null, hello: 'world' });
    expect(errors?.[0]).toMatchObject({
      message: 'The database is busy. Nothing was written; try again.',
      extensions: { code: 'STORAGE_BUSY', retryable: true, retryAfterMs: 200 },
    });
    expect(JSON.stringify(errors)).not.toContain('secret');
    expect(given.lines.join('')).toContain('secret path');
    for (let again = 0; again < 20; again += 1) await ask(given, '{ busy }');
    expect(given.lines.filter((line) => line.includes('secret path'))).toHaveLength(1);
  });

  it.each([
    ['{ hello', 'GRAPHQL_PARSE_FAILED'],
    ['{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['query A { hello } query B { hello }', 'OPERATION_RESOLUTION_FAILURE'],
  ])('of a document keeps the code of GraphQL: %s', async (query, code) => {
    const given = await givenServer();
    const answer = await ask(given, query);
    expect([answer.status, answer.code]).toEqual([400, code]);
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      requestId: answer.headers.get('x-request-id'),
      retryable: false,
    });
    const again = await ask(given, query);
    expect(again.errors?.[0]?.extensions.requestId).toBe(again.headers.get('x-request-id'));
  });

  it.each([
    ['query($of: Int!) { length(of: $of) }', { of: 'nine' }],
    ['query($of: Int!) { length(of: $of) }', {}],
    ['query($of: Int = 1) { length(of: $of) }', { of: null }],
    ['query($c: Colour) { paint(colour: $c) }', { c: 'REDD' }],
  ])('of variables is the caller’s: %s %j', async (query, variables) => {
    const given = await givenServer();
    const { code, errors } = await ask(given, query, { variables });
    expect(code).toBe('BAD_USER_INPUT');
    expect(JSON.stringify(errors)).not.toContain('Did you mean');
    expect(given.lines.join('')).not.toContain('"level":50');
  });

  it.each([
    ['Query exceeds maximum complexity (complexity: 9, max: 5)', 'LIMIT_EXCEEDED'],
    ['Invalid global ID: x', 'BAD_USER_INPUT'],
  ])('that the schema’s plugins throw is the caller’s: %s', async (message, code) => {
    const given = await givenServer();
    const { errors } = await ask(given, 'query($message: String!) { invalid(message: $message) }', {
      variables: { message },
    });
    expect(errors?.[0]).toMatchObject({ message, extensions: { code } });
  });

  it('suggests no name', async () => {
    const given = await givenServer();
    const answers = await Promise.all([
      ask(given, '{ helo }'),
      ask(given, '{ paint(colour: REDD) }'),
      ask(given, '{ hello(x: 1) }'),
    ]);
    for (const { errors } of answers) expect(JSON.stringify(errors)).not.toMatch(/Did you mean|hello"|RED"/);
  });

  it('decides the status only where nothing was answered, and 200 where only old JSON is accepted', async () => {
    const given = await givenServer();
    const accept = 'application/json';
    expect((await ask(given, '{ nothing }', { accept })).status).toBe(200);
    expect((await ask(given, '{ requiredBug }')).status).toBe(200);
    expect((await ask(given, '{ me }', { accept, token: null })).status).toBe(401);
  });
});

describe('the log', () => {
  it('tells what an error is, and nothing that it carries', () => {
    const lines: string[] = [];
    const log = createLog('info', { write: (line) => void lines.push(line) });
    const nodes = parse('{ secret }').definitions;
    const cause = Object.assign(new Error('disk full'), { code: 'ENOSPC', path: 'secret' });
    log.error(
      { err: new GraphQLError('told you', { nodes, extensions: { secret: 1 } }), token: 'secret' },
      'oops',
    );
    log.error({ err: new Error('outer', { cause }), headers: { authorization: 'secret' } }, 'oops');
    expect(lines.join('')).not.toContain('secret');
    const [first, second] = lines.map((line) => JSON.parse(line) as { err: object });
    expect(first?.err).toMatchObject({ type: 'GraphQLError', message: 'told you' });
    expect(second?.err).toMatchObject({ message: 'outer', cause: { message: 'disk full', code: 'ENOSPC' } });
  });

  it('holds no token, header, document or variable', async () => {
    const given = await givenServer();
    await ask(given, 'query($of: Int!) { length(of: $of) bug }', {
      variables: { of: 123456789 },
      token: 't-admin',
    });
    await ask(given, '{ me }', { token: 'wrong-token' });
    const text = given.lines.join('');
    expect(text).toContain('an operation failed');
    expect(text).not.toMatch(/t-admin|wrong-token|Bearer|authorization|123456789|query\(/);
  });
});
